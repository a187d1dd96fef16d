// Sends a raw file to a WebSocket with the npm package `ws`, as a browser would: the token as a
// subprotocol. Usage: listen.mjs URL TOKEN FILE BYTES_A_MESSAGE MILLISECONDS_BETWEEN
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const { WebSocket } = createRequire(process.env.TEST_NODE_MODULES + "/")("ws");
const [url, token, file, size, wait] = process.argv.slice(2);

const socket = new WebSocket(url, ["token", token]);
socket.on("message", (data) => console.log(data.toString()));
socket.on("close", (code) => console.log(JSON.stringify({ type: "closed", code, protocol: socket.protocol })));
socket.on("error", (error) => { console.error(error); process.exitCode = 1; });
socket.on("open", async () => {
  const audio = readFileSync(file);
  for (let at = 0; at < audio.length; at += Number(size)) {
    socket.send(audio.subarray(at, at + Number(size)));
    await pause(Number(wait));
  }
  socket.send(JSON.stringify({ type: "end" }));
});
