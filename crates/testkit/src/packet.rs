//! Packets of Socket.IO in the default encoding, read as naively as it can be written: everything in memory, one rule after
//! the other. What it says is what the decoder has to say.

use std::fmt;

use sansocket_socketio::{AckId, Kind, Packet, Value, is_reserved};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a packet says, apart from how it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct Said {
    /// The type, with that of binary packets as if they were none: `0` to `4`.
    pub kind: char,
    /// The namespace.
    pub nsp: String,
    /// The number of the acknowledgement.
    pub id: Option<u64>,
    /// Payload or arguments; those of an event begin with its name.
    pub values: Vec<Value>,
}

impl Said {
    /// What a packet says that the decoder gave.
    ///
    /// # Panics
    /// If its arguments are not JSON.
    pub fn of(packet: &Packet) -> Said {
        let all = || packet.args().expect("it has some").values().expect("they are JSON");
        let (kind, id, values) = match &packet.kind {
            Kind::Connect(payload) => ('0', None, payload.iter().cloned().collect()),
            Kind::Disconnect => ('1', None, vec![]),
            Kind::Event { id, name, .. } => ('2', *id, [vec![name.as_str().into()], all()].concat()),
            Kind::Ack { id, .. } => ('3', (*id != AckId::MAX).then_some(*id), all()),
            Kind::ConnectError(why) => ('4', None, vec![why.clone()]),
        };
        Said { kind, nsp: packet.nsp.as_str().to_owned(), id: id.map(AckId::get), values }
    }
}

/// What has to come of a text and the bytes behind it.
#[derive(Clone, PartialEq, Debug)]
pub enum Naive {
    /// It is no packet.
    Refused,
    /// Attachments are missing.
    Waits,
    /// It is a packet.
    Said(Said),
    /// It is a packet, or would be one with more attachments, but serde_json cannot say what it says: a number is too large,
    /// half of a pair of surrogates stands alone.
    Unsure,
}

/// Reads a packet for revision 5 with the usual limits.
pub fn read_packet(text: &str, attachments: &[Vec<u8>]) -> Naive {
    let Some(head) = Head::of(text) else { return Naive::Refused };
    if head.json.is_empty() {
        return match head.kind {
            // Without arguments there is nothing that could be bytes.
            '0' | '1' | '3' => head.whole(vec![], attachments),
            _ => Naive::Refused,
        };
    }
    if serde_json::from_str::<IgnoredAny>(head.json).is_err() || depth(head.json) > 128 {
        return Naive::Refused;
    }
    let Ok(tree) = serde_json::from_str::<Tree>(head.json) else { return Naive::Unsure };
    let mut elements = match (head.kind, tree) {
        ('0', tree @ Tree::Object(_)) => vec![tree],
        ('4', tree @ (Tree::Object(_) | Tree::Leaf(serde_json::Value::String(_)))) => vec![tree],
        ('2' | '3', Tree::Array(elements)) => elements,
        _ => return Naive::Refused,
    };
    if head.kind == '2' {
        let name = match elements.first() {
            Some(Tree::Leaf(serde_json::Value::String(name))) if !is_reserved(name) => name.clone(),
            // In its own digits.
            Some(Tree::Leaf(serde_json::Value::Number(_))) => {
                head.json.trim_start()[1..].split([',', ']']).next().unwrap_or_default().trim().to_owned()
            }
            _ => return Naive::Refused,
        };
        elements[0] = Tree::Leaf(name.into());
    }
    if head.attachments.is_some_and(|count| !elements.iter().all(|element| element.fits(count))) {
        return Naive::Refused;
    }
    head.whole(elements, attachments)
}

/// What stands before the JSON.
struct Head<'t> {
    kind: char,
    /// So many are announced, if the packet is a binary one.
    attachments: Option<usize>,
    nsp: &'t str,
    id: Option<u64>,
    json: &'t str,
}

impl<'t> Head<'t> {
    fn of(text: &'t str) -> Option<Head<'t>> {
        let first = text.chars().next()?;
        let kind = match first {
            '0'..='4' => first,
            '5' => '2',
            '6' => '3',
            _ => return None,
        };
        let (mut rest, mut attachments) = (&text[1..], None);
        if matches!(first, '5' | '6') {
            let (count, behind) = rest.split_once('-')?;
            let count = whole_number(count)?;
            (1..=10).contains(&count).then_some(())?;
            (rest, attachments) = (behind, usize::try_from(count).ok());
        }
        let mut nsp = "/";
        if rest.starts_with('/') {
            (nsp, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        (nsp.len() <= 256).then_some(())?;
        let json = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &rest[..rest.len() - json.len()];
        let id = if digits.is_empty() { None } else { Some(whole_number(digits)?) };
        id.is_none_or(|id| id <= AckId::MAX.get()).then_some(())?;
        Some(Head { kind, attachments, nsp, id, json })
    }

    /// The packet, if all that it announced is there.
    fn whole(&self, elements: Vec<Tree>, attachments: &[Vec<u8>]) -> Naive {
        let wanted = self.attachments.unwrap_or_default();
        if attachments.len() < wanted {
            return Naive::Waits;
        }
        let own = &attachments[..wanted];
        let values = elements.into_iter().map(|element| element.value(own)).collect();
        // A connection has no acknowledgements, and a number before its payload means nothing.
        let id = self
            .id
            .filter(|id| matches!(self.kind, '2' | '3') && (self.kind, *id) != ('3', AckId::MAX.get()));
        Naive::Said(Said { kind: self.kind, nsp: self.nsp.to_owned(), id, values })
    }
}

fn whole_number(digits: &str) -> Option<u64> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().ok())?
}

/// How deep the brackets of JSON lie in each other.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut bytes) = (0_usize, 0, json.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b'"' => {
                while let Some(inside) = bytes.next().filter(|inside| *inside != b'"') {
                    if inside == b'\\' {
                        bytes.next();
                    }
                }
            }
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Data with the keys of objects in their order.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(serde_json::Value),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The number that makes it a placeholder, or the `Err` that it only says that it is one.
    fn placeholder(&self) -> Option<Result<usize, ()>> {
        let Tree::Object(members) = self else { return None };
        let is_mark = |(key, value): &(String, Tree)| {
            key == "_placeholder" && matches!(value, Tree::Leaf(serde_json::Value::Bool(true)))
        };
        let marked = match &members[..] {
            [first, ..] if is_mark(first) => true,
            [(key, Tree::Leaf(_)), second, ..] if key == "num" => is_mark(second),
            _ => false,
        };
        let number = members.iter().find_map(|(key, value)| match value {
            Tree::Leaf(value) if key == "num" => value.as_u64(),
            _ => None,
        });
        let number = number.filter(|_| members.len() == 2).and_then(|number| usize::try_from(number).ok());
        marked.then(|| number.ok_or(()))
    }

    /// Are all placeholders for one of so many attachments?
    fn fits(&self, attachments: usize) -> bool {
        match (self.placeholder(), self) {
            (Some(number), _) => number.is_ok_and(|number| number < attachments),
            (None, Tree::Leaf(_)) => true,
            (None, Tree::Array(elements)) => elements.iter().all(|element| element.fits(attachments)),
            (None, Tree::Object(members)) => members.iter().all(|(_, value)| value.fits(attachments)),
        }
    }

    fn value(self, attachments: &[Vec<u8>]) -> Value {
        if !attachments.is_empty()
            && let Some(Ok(number)) = self.placeholder()
        {
            return Value::Binary(attachments[number].clone().into());
        }
        match self {
            Tree::Leaf(leaf) => serde_json::from_value(leaf).expect("any data is some"),
            Tree::Array(elements) => {
                Value::Array(elements.into_iter().map(|element| element.value(attachments)).collect())
            }
            Tree::Object(members) => {
                let members = members.into_iter().map(|(key, value)| (key, value.value(attachments)));
                Value::Object(members.collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(Planter)
    }
}

struct Planter;

macro_rules! leaves {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E>(self, leaf: $type) -> Result<Tree, E> {
            Ok(Tree::Leaf(leaf.into()))
        }
    )*};
}

impl<'de> Visitor<'de> for Planter {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any data")
    }

    leaves! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f64(f64);
        visit_str(&str);
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(serde_json::Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = elements.next_element()? {
            all.push(element);
        }
        Ok(Tree::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Tree::Object(all))
    }
}
