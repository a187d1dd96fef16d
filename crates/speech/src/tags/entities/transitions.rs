//! The transition system: each token begins an entity, goes on with it, ends it, is one by itself,
//! or is none (BILUO; Ratinov and Roth 2009).

use super::msgpack::Value;
use super::network::{Network, Read};
use std::ops::Range;

/// What becomes of a token; the number of the entity's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Begin(usize),
    In(usize),
    Last(usize),
    Unit(usize),
    Out,
    /// Allowed only where somebody has set it beforehand, and nobody has.
    Never,
}

/// The moves, in the order in which the network scores them.
pub(super) struct Transitions {
    moves: Vec<Move>,
    labels: Vec<String>,
}

impl Transitions {
    /// From the file of the library: by kind of move, labels and how often they were seen; it
    /// orders them by kind, then the most frequent first.
    pub fn new(file: &Value) -> Option<Self> {
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(file.get("moves")?.text()?).ok()?;
        let mut out = Self {
            moves: Vec::new(),
            labels: Vec::new(),
        };
        for kind in 0..=5 {
            let Some(counted) = json.get(&kind.to_string()) else {
                continue;
            };
            let mut counted: Vec<(i64, &str)> = counted
                .as_object()?
                .iter()
                .map(|(label, count)| Some((count.as_i64()?, label.as_str())))
                .collect::<Option<_>>()?;
            counted.sort_by_key(|&(count, label)| (-count, label));
            for (_, name) in counted {
                let label = match out.labels.iter().position(|known| known == name) {
                    Some(label) => label,
                    None => {
                        out.labels.push(name.to_owned());
                        out.labels.len() - 1
                    }
                };
                out.moves.push(match kind {
                    5 => Move::Out,
                    _ if name.is_empty() => Move::Never,
                    1 => Move::Begin(label),
                    2 => Move::In(label),
                    3 => Move::Last(label),
                    4 => Move::Unit(label),
                    _ => Move::Never,
                });
            }
        }
        out.moves.contains(&Move::Out).then_some(out)
    }

    /// How many moves there are.
    pub fn actions(&self) -> usize {
        self.moves.len()
    }

    /// Entities of a text: label and tokens.
    pub fn entities(&self, network: &Network, read: &Read) -> Vec<(&str, Range<usize>)> {
        let mut out = Vec::new();
        let mut open: Option<(usize, usize)> = None;
        let mut scores = Vec::with_capacity(self.moves.len());
        for token in 0..read.tokens() {
            let first = open.map(|(first, _)| first);
            let state = [Some(token), first, first.and(token.checked_sub(1))];
            network.scores(read, state, &mut scores);
            let last = token + 1 == read.tokens();
            let best = self
                .moves
                .iter()
                .zip(&scores)
                .filter(|(action, _)| allowed(**action, open.map(|(_, label)| label), last))
                .max_by(|a, b| a.1.total_cmp(b.1));
            match best.map(|(action, _)| *action) {
                Some(Move::Begin(label)) => open = Some((token, label)),
                Some(Move::Last(label)) => {
                    let first = open.take().map_or(token, |(first, _)| first);
                    out.push((self.labels[label].as_str(), first..token + 1));
                }
                Some(Move::Unit(label)) => {
                    out.push((self.labels[label].as_str(), token..token + 1))
                }
                Some(Move::In(_) | Move::Out | Move::Never) | None => {}
            }
        }
        out
    }
}

/// Whether a move may be made while an entity of this label is open, or none.
fn allowed(action: Move, open: Option<usize>, last: bool) -> bool {
    match action {
        Move::Begin(_) => open.is_none() && !last,
        Move::In(label) => open == Some(label) && !last,
        Move::Last(label) => open == Some(label),
        Move::Unit(_) | Move::Out => open.is_none(),
        Move::Never => false,
    }
}
