// graphile-worker as a peer of `soctl bench dispatch`: jobs that do nothing, 2 workers with 4 slots,
// each a process of its own, one job for each transaction. Prints throughput and the time from the
// submission of a job to its start.
//
//     npm install graphile-worker@0.16.6 pg
//     node peer_graphile.mjs postgres://user@host/empty_database 5000
//
// The database has its default settings, `synchronous_commit=on` among them.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";

const [connectionString, jobs = "5000", role] = process.argv.slice(2);
const callers = 32;
const probes = 500;
const self = fileURLToPath(import.meta.url);

async function worker() {
  const pool = new pg.Pool({ connectionString, max: 6 });
  const runner = await run({
    pgPool: pool,
    concurrency: 4,
    noHandleSignals: true,
    logger: undefined,
    taskList: {
      noop: async () => {},
      // What was measured is kept where it was submitted from, by the clock of this machine.
      probe: async ({ sent }) => process.send({ delay: Date.now() - sent }),
    },
  });
  process.on("message", () => runner.stop().then(() => pool.end()).then(() => process.exit(0)));
  process.send({ ready: true });
}

function started() {
  const child = spawn(process.execPath, [self, connectionString, jobs, "worker"], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ready = new Promise((resolve) => child.once("message", resolve));
  return { child, ready };
}

async function each(count, callers, act) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

const at = (sorted, percent) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];

async function measure() {
  const pool = new pg.Pool({ connectionString, max: callers });
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  const workers = [started(), started()];
  await Promise.all(workers.map((one) => one.ready));
  const left = async () => {
    const found = await pool.query("select count(*)::int as jobs from graphile_worker.jobs");
    return found.rows[0].jobs;
  };
  const done = async () => {
    while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await each(500, callers, () => utils.addJob("noop", {}));
  await done();

  const count = Number(jobs);
  const begun = performance.now();
  await each(count, callers, () => utils.addJob("noop", {}));
  const submitted = performance.now();
  await done();
  const ended = performance.now();

  const delays = [];
  for (let probe = 0; probe < probes; probe += 1) {
    const answered = new Promise((resolve) => {
      for (const { child } of workers) child.once("message", resolve);
    });
    await utils.addJob("probe", { sent: Date.now() });
    delays.push((await answered).delay);
    for (const { child } of workers) child.removeAllListeners("message");
    await done();
  }
  delays.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      peer: "graphile-worker",
      jobs: count,
      submitted_per_second: Math.round((1000 * count) / (submitted - begun)),
      per_second: Math.round((1000 * count) / (ended - begun)),
      idle_ms: { p50: at(delays, 50), p99: at(delays, 99) },
    }),
  );
  for (const { child } of workers) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.send("stop");
    await gone;
  }
  await utils.release();
  await pool.end();
}

await (role === "worker" ? worker() : measure());
