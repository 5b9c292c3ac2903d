//! The namespace `/lounge`, with which the page at `/` talks: people in rooms, who talk and draw.
//!
//! | a client says | it means | and is answered |
//! |---|---|---|
//! | `enter` `{name, colour}` | who it is; also later, to change that | who it is now, and the rooms |
//! | `join` `{room}` | it goes there, and leaves where it was | all that is in the room |
//! | `leave` | it goes nowhere | nothing |
//! | `say` `{key, text}` | a message; a second one of the same key is the same | nothing |
//! | `draw` `{stroke, from, ink, width, points}` | more of a stroke, or a new one | nothing |
//! | `clear` | the board is wiped | nothing |
//! | `pulse` | how long is the way there and back? | nothing |
//! | `typing`, `cursor` `{x, y}` | where it is, worth nothing a moment later | |
//!
//! Each is an event with one argument. What others hear has one, too: `rooms`, `came`, `went`, `said`, `typing`, `cursor`,
//! `drawn`, `cleared`. Deliveries may come twice, after a connection was lost: whatever is kept is kept once.

mod board;
mod room;
mod words;

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use sansocket_app::socketio::{Ack, Namespace, Operator, Socket};
use sansocket_driver::Runtime;
use serde::de::IgnoredAny;

use room::Rooms;
use words::{
    Cleared, Cursor, Destination, Drawn, Entered, Id, Introduction, Listing, Message, Person, Pointing,
    Saying, Segment,
};

/// All rooms. What happens in them is told under the lock, so that everybody hears it in the order in which it is kept.
#[derive(Default)]
struct Lounge(Mutex<Rooms>);

/// What is kept with a socket, also while it may be recovered.
#[derive(Clone)]
struct Guest {
    person: Person,
    /// The name of the room it is in.
    room: Option<String>,
}

/// What happens in `/lounge`. Nothing a client says is more than text and numbers to us, and all that is kept is bounded.
pub(crate) fn namespace<R: Runtime>() -> Namespace<Socket<R>> {
    let lounge = Arc::new(Lounge::default());
    let (arriving, joining, leaving) = (lounge.clone(), lounge.clone(), lounge.clone());
    Namespace::new()
        .on_connect(move |socket| {
            arriving.arrive(&socket);
            ready(())
        })
        .on("enter", with(&lounge, Lounge::enter))
        .on("join", move |socket, destination, ack| {
            joining.join(&socket, &destination, ack);
            ready(())
        })
        .on("leave", with(&lounge, Lounge::leave))
        .on("say", with(&lounge, Lounge::say))
        .on("typing", with(&lounge, Lounge::typing))
        .on("cursor", with(&lounge, Lounge::point))
        .on("draw", with(&lounge, Lounge::draw))
        .on("clear", with(&lounge, Lounge::clear))
        .on("pulse", |_: Socket<R>| ready(()))
        .on_disconnect(move |socket, _| {
            leaving.vanish(&socket);
            ready(())
        })
}

/// A handler that acts on the lounge, at once.
fn with<R: Runtime, T, A>(
    lounge: &Arc<Lounge>,
    act: fn(&Lounge, &Socket<R>, T) -> A,
) -> impl Fn(Socket<R>, T) -> Ready<A> + Send + Sync + use<R, T, A> {
    let lounge = lounge.clone();
    move |socket, said| ready(act(&lounge, &socket, said))
}

/// Coming and going.
impl Lounge {
    /// Somebody connected. Whoever comes back is in the room where he was.
    fn arrive<R: Runtime>(&self, socket: &Socket<R>) {
        match guest(socket) {
            Some(Guest { person, room: Some(name) }) => {
                let mut rooms = self.rooms();
                let Some(room) = rooms.open(&name) else { return };
                room.admit(person.clone());
                tell(&others(socket, &name), "came", &person);
                tell_rooms(socket, &rooms);
            }
            Some(_) => {}
            None => {
                socket.insert(Guest { person: Person::stranger(socket.id()), room: None });
            }
        }
    }

    fn enter<R: Runtime>(&self, socket: &Socket<R>, introduction: Introduction) -> Entered {
        let person = introduction.person(socket.id());
        let mut rooms = self.rooms();
        let room = guest(socket).and_then(|guest| guest.room);
        if let Some(name) = &room
            && let Some(room) = rooms.find(name)
        {
            room.admit(person.clone());
            tell(&others(socket, name), "came", &person);
        }
        socket.insert(Guest { person: person.clone(), room });
        Entered { person, rooms: rooms.list() }
    }

    /// Answers under the lock: what is heard before the answer happened elsewhere, what is heard behind it happened here.
    fn join<R: Runtime>(&self, socket: &Socket<R>, destination: &Destination, ack: Ack<Socket<R>>) {
        let mut rooms = self.rooms();
        let Some(person) = depart(socket, &mut rooms) else { return };
        let room = rooms.open_or_first(&destination.name());
        // Into one room more than none: there is no limit to meet.
        _ = socket.join(address(room.name()));
        room.admit(person.clone());
        let name = room.name().to_owned();
        tell(&others(socket, &name), "came", &person);
        let snapshot = room.snapshot();
        socket.insert(Guest { person, room: Some(name) });
        // It can be written; and if it is not wanted, so be it.
        _ = ack.send(&snapshot.with_rooms(rooms.list()));
        tell_rooms(socket, &rooms);
    }

    fn leave<R: Runtime>(&self, socket: &Socket<R>, _: IgnoredAny) {
        let mut rooms = self.rooms();
        if let Some(person) = depart(socket, &mut rooms) {
            socket.insert(Guest { person, room: None });
            tell_rooms(socket, &rooms);
        }
    }

    /// Somebody disconnected, and may come back.
    fn vanish<R: Runtime>(&self, socket: &Socket<R>) {
        let Some((person, name)) = present(socket) else { return };
        let mut rooms = self.rooms();
        if let Some(room) = rooms.find(&name) {
            room.dismiss(&person.id);
            tell(&others(socket, &name), "went", &Id { id: person.id });
            tell_rooms(socket, &rooms);
        }
    }
}

/// What people do in a room.
impl Lounge {
    fn say<R: Runtime>(&self, socket: &Socket<R>, saying: Saying) {
        let Some((person, name)) = present(socket) else { return };
        let Some(message) = Message::new(saying, person, milliseconds()) else { return };
        if let Some(message) = self.rooms().find(&name).and_then(|room| room.keep(message)) {
            tell(&everybody(socket, &name), "said", message);
        }
    }

    fn typing<R: Runtime>(&self, socket: &Socket<R>, _: IgnoredAny) {
        if let Some((person, name)) = present(socket) {
            tell(&others(socket, &name).volatile(), "typing", &Id { id: person.id });
        }
    }

    fn point<R: Runtime>(&self, socket: &Socket<R>, Pointing { x, y }: Pointing) {
        if let Some((person, name)) = present(socket) {
            tell(&others(socket, &name).volatile(), "cursor", &Cursor { id: person.id, x, y });
        }
    }

    fn draw<R: Runtime>(&self, socket: &Socket<R>, segment: Segment) {
        let (Some((person, name)), Some(segment)) = (present(socket), segment.tidy()) else { return };
        if let Some(room) = self.rooms().find(&name) {
            room.board.add(&segment);
            tell(&others(socket, &name), "drawn", &Drawn::new(&person.id, &segment));
        }
    }

    fn clear<R: Runtime>(&self, socket: &Socket<R>, _: IgnoredAny) {
        let Some((person, name)) = present(socket) else { return };
        if let Some(room) = self.rooms().find(&name) {
            room.board.clear();
            tell(&everybody(socket, &name), "cleared", &Cleared { name: person.name });
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn guest<R: Runtime>(socket: &Socket<R>) -> Option<Guest> {
    socket.get::<Guest>().map(|guest| Guest::clone(&guest))
}

/// Who it is, and the name of the room where he is.
fn present<R: Runtime>(socket: &Socket<R>) -> Option<(Person, String)> {
    guest(socket).and_then(|Guest { person, room }| Some((person, room?)))
}

/// Takes whoever it is out of the room where he is, if any.
fn depart<R: Runtime>(socket: &Socket<R>, rooms: &mut Rooms) -> Option<Person> {
    let Guest { person, room } = guest(socket)?;
    if let Some(name) = room {
        socket.leave(&address(&name));
        if let Some(room) = rooms.find(&name) {
            room.dismiss(&person.id);
        }
        tell(&others(socket, &name), "went", &Id { id: person.id.clone() });
    }
    Some(person)
}

/// A room by the name that the hub has for it. Without a prefix somebody might name a room like a socket's own.
fn address(name: &str) -> String {
    format!("room:{name}")
}

fn others<R: Runtime>(socket: &Socket<R>, name: &str) -> Operator<R> {
    socket.to(address(name))
}

fn everybody<R: Runtime>(socket: &Socket<R>, name: &str) -> Operator<R> {
    socket.everybody().to(address(name))
}

/// How many people are where, for all in the lounge: of several lists the latest is worth anything.
fn tell_rooms<R: Runtime>(socket: &Socket<R>, rooms: &Rooms) {
    tell(&socket.everybody().latest(), "rooms", &Listing { rooms: rooms.list() });
}

fn tell<R: Runtime, T: serde::Serialize>(whom: &Operator<R>, event: &str, what: &T) {
    // All that we say can be written, and our names are free.
    _ = whom.emit(event, what);
}

/// The time of day, since 1970.
#[expect(clippy::disallowed_methods, reason = "no machine: people want to know when something was said")]
fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
