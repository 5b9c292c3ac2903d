// Says back what is said, answers what is asked, and tells a room: the program of all Socket.IO servers here.
// Called with the number of a file descriptor that listens.

const { createServer } = require("node:http");
const { Server } = require("socket.io");

// Nobody pings a load, which does not answer.
const FOREVER = 3_600_000;

const http = createServer();
const io = new Server(http, { pingInterval: FOREVER, pingTimeout: FOREVER });

io.on("connection", (socket) => {
  socket.on("echo", (text) => socket.emit("echo", text));
  socket.on("ask", (text, answer) => answer(text));
  socket.on("join", (answer) => {
    socket.join("crowd");
    answer();
  });
  socket.on("say", (text) => io.to("crowd").emit("said", text));
});

http.listen({ fd: Number(process.argv[2]), backlog: 4096 });
