//! Plots as SVG: limits are lines, we are coloured, the others are grey.

use std::fmt::Write as _;

use super::Record;

/// Which values are good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Good {
    /// Times.
    Small,
    /// Rates.
    Large,
}

/// What values are compared with, and how.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// What stands below it.
    pub words: &'static str,
    /// What is 1.
    pub measure: &'static str,
    /// Which are good?
    pub good: Good,
}

const WIDTH: f64 = 980.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 44.0;
/// The height of a row of dots, and of a plot of lines.
const ROW: f64 = 19.0;
const LINES: f64 = 400.0;

const OURS: [&str; 4] = ["#d1242f", "#f0883e", "#8250df", "#bf3989"];
const OTHER: &str = "#8c959f";
const LIMIT: &str = "#1a7f37";

/// For each row everyone's value as a multiple of the measure, on a logarithmic axis; the best of the others is named.
pub fn dots(title: &str, axis: Axis, records: &[&Record]) -> String {
    let good = axis.good;
    let rows: Vec<_> =
        records.chunk_by(|a, b| a.row == b.row).filter_map(|row| Row::new(good, row)).collect();
    let ratios = || rows.iter().flat_map(|row| row.dots.iter().map(|dot| dot.ratio)).chain([1.0]);
    let scale = Log::over(ratios(), LEFT, WIDTH - RIGHT);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut svg = Svg::new(title, bottom + BOTTOM);
    for tick in scale.ticks() {
        let x = scale.at(tick);
        svg.line((x, TOP), (x, bottom), "#d0d7de", "");
        svg.text((x, bottom + 16.0), "middle", "#57606a", &number(tick));
    }
    let limit = scale.at(1.0);
    svg.line((limit, TOP - 6.0), (limit, bottom), LIMIT, "stroke-width=\"2\"");
    svg.text((limit, TOP - 10.0), "middle", LIMIT, axis.measure);
    svg.text(((LEFT + WIDTH - RIGHT) / 2.0, bottom + 34.0), "middle", "#57606a", axis.words);
    svg.text((WIDTH - RIGHT + 10.0, TOP - 10.0), "start", "#57606a", "best of the others");
    let ours = ours(records);
    svg.legend(ours.iter().map(|who| (*who, colour(who, &ours))).chain([("others", OTHER)]));
    for (at, row) in (0..).zip(&rows) {
        let y = TOP + ROW * (f64::from(at) + 0.5);
        svg.text((LEFT - 10.0, y + 4.0), "end", "#24292f", row.name);
        for dot in &row.dots {
            let x = scale.at(dot.ratio);
            if dot.who.starts_with('=') {
                svg.line((x, y - 6.0), (x, y + 6.0), LIMIT, "");
            } else {
                svg.circle((x, y), colour(dot.who, &ours), dot.who);
            }
        }
        if let Some(best) = row.best_other(good) {
            svg.text((WIDTH - RIGHT + 10.0, y + 4.0), "start", OTHER, best);
        }
    }
    svg.end()
}

/// Values against the number of connections, which every record has as a detail.
pub fn lines(title: &str, axis: &str, records: &[&Record]) -> String {
    let x_of = |record: &Record| record.detail("connections").unwrap_or(1.0);
    let scale = Log::over(records.iter().map(|record| x_of(record)), LEFT / 3.0, WIDTH - RIGHT);
    let most = records.iter().map(|record| record.value).fold(0.0, f64::max) * 1.05;
    let bottom = TOP + LINES;
    let y_of = |value: f64| bottom - LINES * value / most;
    let mut svg = Svg::new(title, bottom + BOTTOM);
    for tick in scale.ticks() {
        let x = scale.at(tick);
        svg.line((x, TOP), (x, bottom), "#eaeef2", "");
        svg.text((x, bottom + 16.0), "middle", "#57606a", &number(tick));
    }
    let step = 10_f64.powf(most.log10().floor()) / 2.0;
    let mut value = 0.0;
    while value < most {
        svg.line((LEFT / 3.0, y_of(value)), (WIDTH - RIGHT, y_of(value)), "#d0d7de", "");
        svg.text((LEFT / 3.0 - 8.0, y_of(value) + 4.0), "end", "#57606a", &number(value));
        value += step;
    }
    svg.text(((LEFT / 3.0 + WIDTH - RIGHT) / 2.0, bottom + 34.0), "middle", "#57606a", axis);
    let ours = ours(records);
    let mut names: Vec<&str> = Vec::new();
    records.iter().for_each(|record| {
        if !names.contains(&record.who) {
            names.push(record.who);
        }
    });
    let mut ends = Vec::new();
    for who in names {
        let points: Vec<_> = records
            .iter()
            .filter(|record| record.who == who)
            .map(|record| (scale.at(x_of(record)), y_of(record.value)))
            .collect();
        let dash = if who.starts_with('=') { "stroke-dasharray=\"5 4\"" } else { "" };
        svg.path(&points, colour(who, &ours), dash);
        ends.extend(points.last().map(|end| (end.1, who)));
    }
    // Names stand at the ends of their lines, but not on each other.
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = 0.0;
    for (y, who) in ends {
        lowest = f64::max(y, lowest + 14.0);
        svg.text((WIDTH - RIGHT + 10.0, lowest + 4.0), "start", colour(who, &ours), who);
    }
    svg.end()
}

/// Without zeros that say nothing.
fn number(value: f64) -> String {
    let digits = format!("{value:.3}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The names that are ours, each once.
fn ours<'a>(records: &[&'a Record]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for record in records.iter().filter(|record| record.is_ours()) {
        if !names.contains(&record.who) {
            names.push(record.who);
        }
    }
    names
}

fn colour(who: &str, ours: &[&str]) -> &'static str {
    match ours.iter().position(|name| *name == who) {
        Some(at) => OURS[at % OURS.len()],
        None if who.starts_with('=') => LIMIT,
        None => OTHER,
    }
}

struct Row<'a> {
    name: &'a str,
    dots: Vec<Dot<'a>>,
}

struct Dot<'a> {
    who: &'a str,
    ratio: f64,
}

impl<'a> Row<'a> {
    /// A row with a limit to compare with.
    fn new(good: Good, records: &[&'a Record]) -> Option<Row<'a>> {
        let measures = records.iter().filter(|record| record.is_measure).map(|record| record.value);
        let limit = match good {
            Good::Small => measures.min_by(f64::total_cmp)?,
            Good::Large => measures.max_by(f64::total_cmp)?,
        };
        // Ourselves last, so that nobody stands before us.
        let mut shown: Vec<_> = records
            .iter()
            .filter(|record| !record.who.starts_with('=') || record.who.starts_with("=raw"))
            .collect();
        shown.sort_by_key(|record| std::cmp::Reverse(record.rank()));
        let dots = shown.into_iter().map(|record| Dot { who: record.who, ratio: record.value / limit });
        Some(Row { name: &records[0].row, dots: dots.collect() })
    }

    fn best_other(&self, good: Good) -> Option<&'a str> {
        let others =
            self.dots.iter().filter(|dot| !dot.who.starts_with(['=']) && !dot.who.starts_with("sansocket"));
        let best = match good {
            Good::Small => others.min_by(|a, b| a.ratio.total_cmp(&b.ratio)),
            Good::Large => others.max_by(|a, b| a.ratio.total_cmp(&b.ratio)),
        };
        best.map(|dot| dot.who)
    }
}

/// A logarithmic axis.
struct Log {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Log {
    fn over(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Log {
        let least = values.clone().fold(f64::MAX, f64::min);
        let most = values.fold(f64::MIN_POSITIVE, f64::max);
        Log { least: least / 1.1, most: most * 1.1, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * (value / self.least).ln() / (self.most / self.least).ln()
    }

    /// 1, 2 and 5 of every decade.
    fn ticks(&self) -> impl Iterator<Item = f64> {
        let decades = self.least.log10().floor() as i32..=self.most.log10().ceil() as i32;
        let (least, most) = (self.least, self.most);
        decades
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade)))
            .filter(move |tick| (least..most).contains(tick))
    }
}

/// A picture under way.
struct Svg(String);

type Point = (f64, f64);

impl Svg {
    fn new(title: &str, height: f64) -> Svg {
        let mut svg = Svg(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        ));
        svg.text((16.0, 22.0), "start", "#24292f", title);
        svg
    }

    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{element}").expect("a string takes all");
    }

    fn line(&mut self, from: Point, to: Point, colour: &str, style: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" {style}/>"
        ));
    }

    fn path(&mut self, points: &[Point], colour: &str, style: &str) {
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.put(format_args!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" {style}/>"
        ));
    }

    fn circle(&mut self, (x, y): Point, colour: &str, title: &str) {
        self.put(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"><title>{title}</title></circle>"
        ));
    }

    fn text(&mut self, (x, y): Point, anchor: &str, colour: &str, text: &str) {
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
        ));
    }

    fn legend<'a>(&mut self, entries: impl Iterator<Item = (&'a str, &'static str)>) {
        for (at, (name, colour)) in (0..).zip(entries) {
            let x = LEFT + 180.0 * f64::from(at);
            self.circle((x, 38.0), colour, name);
            self.text((x + 10.0, 42.0), "start", "#24292f", name);
        }
    }

    fn end(mut self) -> String {
        self.0 += "</svg>\n";
        self.0
    }
}
