"""tree-sitter trees -> facts, one module or package a language."""
