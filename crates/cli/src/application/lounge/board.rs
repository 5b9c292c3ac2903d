//! What was drawn in a room.

use std::collections::VecDeque;

use super::words::{Segment, Stroke};

/// Points that a board keeps: some 200 kB as text, an evening of drawing. Beyond that the oldest strokes go.
const POINTS: usize = 16_000;
/// The latest strokes, which may still grow: more than there are hands. The others need not be searched.
const GROWING: usize = 256;
/// Points of a stroke. Pages begin a new one before, so that an endless one does not push all others off.
const STROKE_POINTS: usize = 1000;

/// What was drawn, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Board {
    strokes: VecDeque<Stroke>,
    points: usize,
}

impl Board {
    /// Adds what is not known already: a segment may come a second time, over a new connection.
    pub(super) fn add(&mut self, segment: &Segment) {
        let earlier = self.strokes.len().saturating_sub(GROWING);
        let known = self.strokes.range(earlier..).rposition(|stroke| stroke.stroke == segment.stroke);
        let known = known.map(|at| earlier + at);
        let at = known.unwrap_or_else(|| {
            self.strokes.push_back(Stroke {
                stroke: segment.stroke.clone(),
                ink: segment.ink,
                width: segment.width,
                points: Vec::new(),
            });
            self.strokes.len() - 1
        });
        let points = &mut self.strokes[at].points;
        // A stroke whose beginning was wiped away goes on from where it is.
        let skipped =
            if known.is_some() { points.len().saturating_sub(segment.from.saturating_mul(2)) } else { 0 };
        let room = (2 * STROKE_POINTS).saturating_sub(points.len());
        let news = segment.points.get(skipped..).unwrap_or_default();
        let news = &news[..news.len().min(room)];
        points.extend_from_slice(news);
        self.points += news.len() / 2;
        while self.points > POINTS
            && let Some(oldest) = self.strokes.pop_front()
        {
            self.points -= oldest.points.len() / 2;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Board::default();
    }

    pub(super) fn strokes(&self) -> Vec<Stroke> {
        self.strokes.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(stroke: &str, from: usize, points: &[u16]) -> Segment {
        Segment { stroke: stroke.into(), from, ink: 1, width: 1, points: points.to_vec() }
    }

    #[test]
    fn a_segment_that_comes_twice_is_kept_once() {
        let mut board = Board::default();
        for (from, points) in
            [(0, &[1, 1, 2, 2][..]), (2, &[3, 3]), (2, &[3, 3]), (0, &[1, 1, 2, 2]), (1, &[2, 2, 3, 3, 4, 4])]
        {
            board.add(&segment("a", from, points));
        }
        assert_eq!(board.strokes().len(), 1);
        assert_eq!(board.strokes()[0].points, [1, 1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn a_stroke_may_go_on_after_the_board_was_wiped() {
        let mut board = Board::default();
        board.add(&segment("a", 0, &[1, 1]));
        board.clear();
        board.add(&segment("a", 1, &[2, 2]));
        assert_eq!(board.strokes()[0].points, [2, 2]);
    }

    #[test]
    fn the_oldest_strokes_go_when_there_are_too_many_points() {
        let mut board = Board::default();
        for number in 0..POINTS + 10 {
            board.add(&segment(&number.to_string(), 0, &[1, 1]));
        }
        assert_eq!(board.strokes().len(), POINTS);
        assert_eq!(board.strokes()[0].stroke, "10");
    }

    #[test]
    fn an_endless_stroke_ends() {
        let mut board = Board::default();
        for from in 0..STROKE_POINTS + 10 {
            board.add(&segment("a", from, &[1, 1]));
        }
        board.add(&segment("a", usize::MAX, &[1, 1]));
        assert_eq!(board.strokes()[0].points.len(), 2 * STROKE_POINTS);
    }
}
