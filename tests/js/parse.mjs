// Reads {path: text} as JSON on stdin; prints {path: ["line:column: message", ...]} for the files with syntax errors.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const compilerOptions = {
  allowJs: true,
  jsx: ts.JsxEmit.Preserve,
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.Latest,
};

/** Syntax errors alone, TypeScript's syntax in a .js file among them; no type is checked and no import is read. */
function syntaxErrors(fileName, text) {
  const { diagnostics } = ts.transpileModule(text, { fileName, compilerOptions, reportDiagnostics: true });
  return diagnostics.map(({ file, start, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined || start === undefined) return message;
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    return `${line + 1}:${character + 1}: ${message}`;
  });
}

/** What the compiler itself is too deep in to answer is an error of the file, not the end of all. */
function syntaxErrorsOrDepth(fileName, text) {
  try {
    return syntaxErrors(fileName, text);
  } catch (error) {
    if (error instanceof RangeError) return ['1:1: nested too deep'];
    throw error;
  }
}

const files = Object.entries(JSON.parse(readFileSync(0, 'utf8')));
const errors = files.map(([path, text]) => [path, syntaxErrorsOrDepth(path, text)]).filter(([, found]) => found.length > 0);
process.stdout.write(JSON.stringify(Object.fromEntries(errors)));
