//! What clients say, and what they hear: the data of the events.

use serde::{Deserialize, Serialize};

/// Characters of a name: of a person, or of a room.
const NAME: usize = 24;
/// Characters of a message.
const TEXT: usize = 500;
/// Characters of the name that a client gives to a message or a stroke.
const KEY: usize = 16;
/// People have colours from 1 to this.
const COLOURS: u8 = 8;
/// The last ink: the eraser.
const LAST_INK: u8 = 9;
/// The broadest of the pen's widths.
const LAST_WIDTH: u8 = 2;
/// Numbers in one segment of a stroke, two for each point: far more than a hand draws between two of them.
const NUMBERS: usize = 1024;

/// Who enters.
#[derive(Deserialize)]
pub(super) struct Introduction {
    name: String,
    colour: u8,
}

impl Introduction {
    pub(super) fn person(self, id: &str) -> Person {
        let name = cut(&self.name, NAME);
        let stranger = Person::stranger(id);
        Person {
            name: if name.is_empty() { stranger.name } else { name },
            colour: if (1..=COLOURS).contains(&self.colour) { self.colour } else { stranger.colour },
            id: stranger.id,
        }
    }
}

/// Whoever is in a room.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) colour: u8,
}

impl Person {
    /// Who has not said who he is.
    pub(super) fn stranger(id: &str) -> Person {
        Person { id: id.to_owned(), name: "Somebody".to_owned(), colour: 1 }
    }
}

/// Where to go.
#[derive(Deserialize)]
pub(super) struct Destination {
    room: String,
}

impl Destination {
    pub(super) fn name(&self) -> String {
        cut(&self.room, NAME)
    }
}

/// A message on its way to us.
#[derive(Deserialize)]
pub(super) struct Saying {
    pub(super) key: String,
    pub(super) text: String,
}

/// A message that was said.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Message {
    /// What its client named it, by which it knows it again.
    pub(super) key: String,
    /// The id of who said it.
    by: String,
    name: String,
    colour: u8,
    pub(super) text: String,
    /// Milliseconds since 1970.
    at: u64,
}

impl Message {
    /// Nothing if it says nothing.
    pub(super) fn new(saying: Saying, person: Person, at: u64) -> Option<Message> {
        let (key, text) = (cut(&saying.key, KEY), cut(&saying.text, TEXT));
        let Person { id, name, colour } = person;
        (!text.is_empty()).then_some(Message { key, by: id, name, colour, text, at })
    }
}

/// Where a pen is; nowhere if it has left the board.
#[derive(Deserialize)]
pub(super) struct Pointing {
    pub(super) x: Option<u16>,
    pub(super) y: Option<u16>,
}

/// Part of a stroke.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub(super) struct Segment {
    pub(super) stroke: String,
    /// The number of its first point within the stroke.
    pub(super) from: usize,
    pub(super) ink: u8,
    pub(super) width: u8,
    /// `x, y, x, y …`
    pub(super) points: Vec<u16>,
}

impl Segment {
    /// Within bounds. Nothing if there is no point in it.
    pub(super) fn tidy(mut self) -> Option<Segment> {
        self.stroke = cut(&self.stroke, KEY);
        self.points.truncate(self.points.len().min(NUMBERS) & !1);
        self.points.shrink_to_fit();
        (!self.points.is_empty() && self.ink <= LAST_INK && self.width <= LAST_WIDTH).then_some(self)
    }
}

/// A stroke as the board has it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Stroke {
    pub(super) stroke: String,
    pub(super) ink: u8,
    pub(super) width: u8,
    pub(super) points: Vec<u16>,
}

/// A segment that others hear of.
#[derive(Serialize)]
pub(super) struct Drawn<'a> {
    by: &'a str,
    stroke: &'a str,
    from: usize,
    ink: u8,
    width: u8,
    points: &'a [u16],
}

impl<'a> Drawn<'a> {
    pub(super) fn new(by: &'a str, segment: &'a Segment) -> Drawn<'a> {
        let Segment { stroke, from, ink, width, points } = segment;
        Drawn { by, stroke, from: *from, ink: *ink, width: *width, points }
    }
}

/// Somebody's id.
#[derive(Serialize)]
pub(super) struct Id {
    pub(super) id: String,
}

/// Somebody's pen.
#[derive(Serialize)]
pub(super) struct Cursor {
    pub(super) id: String,
    pub(super) x: Option<u16>,
    pub(super) y: Option<u16>,
}

/// Who wiped the board.
#[derive(Serialize)]
pub(super) struct Cleared {
    pub(super) name: String,
}

/// How many people are in a room.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Count {
    pub(super) name: String,
    pub(super) people: usize,
}

/// The rooms.
#[derive(Serialize)]
pub(super) struct Listing {
    pub(super) rooms: Vec<Count>,
}

/// The answer to who enters.
#[derive(Serialize)]
pub(super) struct Entered {
    pub(super) person: Person,
    pub(super) rooms: Vec<Count>,
}

/// The answer to who joins a room: all that is in it.
#[derive(Serialize)]
pub(super) struct Snapshot {
    pub(super) room: String,
    pub(super) people: Vec<Person>,
    pub(super) messages: Vec<Message>,
    pub(super) strokes: Vec<Stroke>,
    pub(super) rooms: Vec<Count>,
}

impl Snapshot {
    pub(super) fn with_rooms(self, rooms: Vec<Count>) -> Snapshot {
        Snapshot { rooms, ..self }
    }
}

/// So many characters of a text at most, on one line, in the direction in which it is written.
pub(super) fn cut(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() || turns(c) { ' ' } else { c };
    text.trim().chars().map(plain).take(most).collect()
}

/// Characters that turn the direction of the text around them: no name should turn what stands behind it.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters_and_stay_on_one_line() {
        assert_eq!(cut("  Grüße 🦊🦊  ", 7), "Grüße 🦊");
        assert_eq!(cut("one\ntwo\u{202e}three", 100), "one two three");
    }

    #[test]
    fn a_person_without_a_name_or_with_a_strange_colour_is_somebody() {
        let person = Introduction { name: "\n".into(), colour: 200 }.person("id");
        assert_eq!(person, Person::stranger("id"));
    }

    #[test]
    fn a_message_without_words_is_none() {
        let saying = Saying { key: "k".into(), text: " \t ".into() };
        assert_eq!(Message::new(saying, Person::stranger("id"), 0), None);
    }

    #[test]
    fn a_segment_is_cut_to_whole_points_within_bounds() {
        let segment = |points, ink, width| Segment { stroke: "s".into(), from: 0, ink, width, points };
        assert_eq!(segment(vec![1, 2, 3], 0, 0).tidy().map(|kept| kept.points), Some(vec![1, 2]));
        assert_eq!(segment(vec![7; 5000], 0, 0).tidy().map(|kept| kept.points.len()), Some(NUMBERS));
        for (points, ink, width) in [(vec![1], 0, 0), (vec![1, 2], 10, 0), (vec![1, 2], 0, 3)] {
            assert_eq!(segment(points, ink, width).tidy(), None);
        }
    }
}
