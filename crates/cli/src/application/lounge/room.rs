//! The rooms, and who is where.

use std::collections::VecDeque;

use super::board::Board;
use super::words::{Count, Message, Person, Snapshot};

/// Rooms that are always there. Whoever asks for none gets the first.
const LASTING: [&str; 3] = ["Lobby", "Garden", "Workshop"];
/// Rooms at most. The one that was opened first and is empty makes place for another.
const ROOMS: usize = 24;
/// Messages that a room keeps for those who come later.
const MESSAGES: usize = 100;
/// People whom a newcomer is told of; there may be more.
const PRESENT: usize = 200;

/// All rooms, those first that are always there.
pub(super) struct Rooms(Vec<Room>);

impl Default for Rooms {
    fn default() -> Rooms {
        Rooms(LASTING.map(Room::new).into())
    }
}

impl Rooms {
    pub(super) fn find(&mut self, name: &str) -> Option<&mut Room> {
        self.0.iter_mut().find(|room| room.name == name)
    }

    /// The room of this name, made if need be. None if there is no place for it.
    pub(super) fn open(&mut self, name: &str) -> Option<&mut Room> {
        let at = match self.0.iter().position(|room| room.name == name) {
            Some(at) => at,
            None if name.is_empty() || !self.has_place() => return None,
            None => {
                self.0.push(Room::new(name));
                self.0.len() - 1
            }
        };
        self.0.get_mut(at)
    }

    /// The room of this name; the first if it cannot be had.
    pub(super) fn open_or_first(&mut self, name: &str) -> &mut Room {
        let name = if self.open(name).is_some() { name } else { LASTING[0] };
        let at = self.0.iter().position(|room| room.name == name).unwrap_or_default();
        &mut self.0[at]
    }

    pub(super) fn list(&self) -> Vec<Count> {
        self.0.iter().map(|room| Count { name: room.name.clone(), people: room.people.len() }).collect()
    }

    /// Is there place for one more? Empty rooms make it.
    fn has_place(&mut self) -> bool {
        if self.0.len() < ROOMS {
            return true;
        }
        let empty = self.0.iter().skip(LASTING.len()).position(|room| room.people.is_empty());
        empty.map(|at| self.0.remove(LASTING.len() + at)).is_some()
    }
}

/// A room: who is in it, what was said, and what was drawn.
pub(super) struct Room {
    name: String,
    people: Vec<Person>,
    messages: VecDeque<Message>,
    pub(super) board: Board,
}

impl Room {
    fn new(name: &str) -> Room {
        Room { name: name.to_owned(), people: Vec::new(), messages: VecDeque::new(), board: Board::default() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Somebody is here, or is called otherwise now.
    pub(super) fn admit(&mut self, person: Person) {
        match self.people.iter_mut().find(|present| present.id == person.id) {
            Some(present) => *present = person,
            None => self.people.push(person),
        }
    }

    pub(super) fn dismiss(&mut self, id: &str) {
        self.people.retain(|person| person.id != id);
    }

    /// Keeps a message for those who come later, and gives it back to be told; not if it was said already.
    pub(super) fn keep(&mut self, message: Message) -> Option<&Message> {
        if self.messages.iter().any(|said| said.key == message.key) {
            return None;
        }
        if self.messages.len() == MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
        self.messages.back()
    }

    /// All that is in it, without the [rooms](Snapshot::rooms).
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            room: self.name.clone(),
            // Whoever came last is certainly among them.
            people: self.people.iter().rev().take(PRESENT).rev().cloned().collect(),
            messages: self.messages.iter().cloned().collect(),
            strokes: self.board.strokes(),
            rooms: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::Saying;
    use super::*;

    fn said(key: usize) -> Message {
        let saying = Saying { key: key.to_string(), text: "words".into() };
        Message::new(saying, Person::stranger("id"), 0).unwrap()
    }

    #[test]
    fn a_message_is_said_once_and_the_oldest_are_forgotten() {
        let mut room = Room::new("Lobby");
        for key in 0..2 * MESSAGES {
            assert!(room.keep(said(key)).is_some());
            assert!(room.keep(said(key)).is_none());
        }
        assert_eq!(room.snapshot().messages.len(), MESSAGES);
        assert_eq!(room.snapshot().messages[0], said(MESSAGES));
    }

    #[test]
    fn whoever_is_called_otherwise_is_no_second_person() {
        let mut room = Room::new("Lobby");
        room.admit(Person::stranger("a"));
        room.admit(Person { name: "Ada".into(), ..Person::stranger("a") });
        room.admit(Person::stranger("b"));
        assert_eq!(
            room.snapshot().people.iter().map(|person| &*person.name).collect::<Vec<_>>(),
            ["Ada", "Somebody"]
        );
        room.dismiss("a");
        assert_eq!(room.snapshot().people.len(), 1);
    }

    #[test]
    fn empty_rooms_make_place_and_full_ones_do_not() {
        let mut rooms = Rooms::default();
        for number in 0..3 * ROOMS {
            assert_eq!(rooms.open_or_first(&number.to_string()).name(), number.to_string());
        }
        assert_eq!(rooms.list().len(), ROOMS);
        for count in rooms.list() {
            rooms.find(&count.name).unwrap().admit(Person::stranger("a"));
        }
        assert_eq!(rooms.open_or_first("one more").name(), LASTING[0]);
        assert_eq!(rooms.open_or_first("").name(), LASTING[0]);
        assert!(rooms.list().iter().zip(LASTING).all(|(count, name)| count.name == name));
    }
}
