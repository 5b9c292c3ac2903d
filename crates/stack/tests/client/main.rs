//! What a client of Engine.IO and a server of it say to each other over byte streams.

mod host;
mod meeting;

mod anything;
mod losses;
mod polling;
mod refusals;
mod upgrade;
