interface Job {
  name: string;
  every: number;
}

// What takes lines here is gone in what runs.
type Jobs = readonly Job[];

const jobs: Jobs = [{ name: 'poll', every: 1e6 }];

function start(job: Job): NodeJS.Timeout {
  return setInterval(() => {}, job.every); // interval
}

process.stdin.on('data', (lines: Buffer) => {
  for (let done = 0; done < Number(String(lines)); done += 1) jobs.forEach(start);
  console.log('done');
});
console.log('ready');
