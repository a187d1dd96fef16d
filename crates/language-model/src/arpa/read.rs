//! Reads an ARPA file, believing nothing that it says of itself.

use std::collections::HashMap;
use std::io::BufRead;

use super::lines::Lines;
use crate::error::LmError;
use crate::ngrams::{MAX_ORDER, NGram, NGrams};

/// Lines that may stand before `\data\`.
const MAX_PREAMBLE: usize = 1000;
/// N-grams of one order for which there is room before they are seen.
const MAX_RESERVED: u64 = 1 << 16;
/// log10 of an unknown word where a model has none, as in KenLM.
const UNKNOWN: f32 = -100.0;

/// Reads a whole ARPA file. `<unk>` is added where it is missing, with probability 10^-100.
///
/// # Errors
/// [`LmError::Arpa`] with line and section, for whatever breaks the format; [`LmError::Io`].
pub fn read_arpa(input: impl BufRead) -> Result<NGrams, LmError> {
    let mut lines = Lines::new(input);
    let counts = counts(&mut lines)?;
    let mut reader = Reader::default();
    reader.unigrams(&mut lines, counts[0])?;
    for (order, &count) in (2..).zip(&counts[1..]) {
        reader.longer(&mut lines, order, count, order == counts.len())?;
    }
    lines.section = "\\end\\".into();
    match lines.next_full()?.as_deref() {
        Some("\\end\\") => {}
        Some(_) => return Err(lines.bad("\\end\\ is wanted here; are the counts wrong?")),
        None => return Err(lines.bad("the file ends without \\end\\: it is cut short")),
    }
    Ok(reader.made)
}

/// Everything up to the first n-gram: `ngram 1=...` and so on.
fn counts<R: BufRead>(lines: &mut Lines<R>) -> Result<Vec<u64>, LmError> {
    let mut found = false;
    for _ in 0..MAX_PREAMBLE {
        match lines.next()? {
            Some("\\data\\") => {
                found = true;
                break;
            }
            Some(_) => {}
            None => break,
        }
    }
    if !found {
        return Err(LmError::Unrecognised(format!(
            "neither KenLM's first bytes nor, in {MAX_PREAMBLE} lines, ARPA's `\\data\\`"
        )));
    }
    lines.section = "\\data\\".into();
    let mut counts = Vec::new();
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            if counts.is_empty() {
                continue;
            }
            break;
        }
        let parsed = line
            .strip_prefix("ngram ")
            .and_then(|rest| rest.split_once('='))
            .and_then(|(order, count)| {
                let order: usize = order.trim().parse().ok()?;
                Some((order, count.trim().parse::<u64>().ok()?))
            });
        let Some((order, count)) = parsed else {
            return Err(lines.bad("`ngram ORDER=COUNT` is wanted here, then an empty line"));
        };
        if order != counts.len() + 1 {
            let wanted = counts.len() + 1;
            return Err(lines.bad(format!("the count of {wanted}-grams is wanted here")));
        }
        if order > MAX_ORDER {
            return Err(lines.bad(format!("models of order 2 to {MAX_ORDER} can be read")));
        }
        counts.push(count);
    }
    if counts.len() < 2 {
        let order = counts.len();
        return Err(lines.bad(format!(
            "it counts n-grams of {order} order(s); 2 to {MAX_ORDER} can be read"
        )));
    }
    Ok(counts)
}

/// What has been read.
#[derive(Default)]
struct Reader {
    ids: HashMap<String, u32>,
    made: NGrams,
}

impl Reader {
    fn unigrams<R: BufRead>(&mut self, lines: &mut Lines<R>, count: u64) -> Result<(), LmError> {
        header(lines, 1)?;
        // <unk> has id 0 wherever it is listed.
        let unknown = NGram {
            prob: UNKNOWN,
            ..NGram::default()
        };
        let mut listed = false;
        self.made.words.push("<unk>".into());
        let mut grams = vec![unknown];
        for at in 0..count {
            let line = gram_line(lines, 1, at, count)?;
            let fields = Fields::parse(&line, 1, false).map_err(|why| lines.bad(why))?;
            let word = fields.words[0];
            let mut gram = fields.weights();
            if word == "<unk>" || word == "<UNK>" {
                if listed {
                    return Err(lines.bad("<unk> is listed twice"));
                }
                listed = true;
                grams[0] = gram;
                continue;
            }
            let id = u32::try_from(grams.len()).map_err(|_| lines.bad("too many words"))?;
            gram.words[0] = id;
            if self.ids.insert(word.to_owned(), id).is_some() {
                return Err(lines.bad(format!("`{word}` is listed twice")));
            }
            self.made.words.push(word.to_owned());
            grams.push(gram);
        }
        for marker in ["<s>", "</s>"] {
            if !self.ids.contains_key(marker) {
                return Err(lines.bad(format!("`{marker}` is missing; every model needs it")));
            }
        }
        self.ids.insert("<unk>".into(), 0);
        self.ids.insert("<UNK>".into(), 0);
        self.made.orders.push(grams);
        Ok(())
    }

    fn longer<R: BufRead>(
        &mut self,
        lines: &mut Lines<R>,
        order: usize,
        count: u64,
        longest: bool,
    ) -> Result<(), LmError> {
        header(lines, order)?;
        let room = usize::try_from(count.min(MAX_RESERVED)).expect("bounded");
        let mut grams = Vec::with_capacity(room);
        for at in 0..count {
            let line = gram_line(lines, order, at, count)?;
            let fields = Fields::parse(&line, order, longest).map_err(|why| lines.bad(why))?;
            let mut gram = fields.weights();
            for (to, word) in gram.words.iter_mut().zip(&fields.words[..order]) {
                let Some(id) = self.ids.get(*word) else {
                    return Err(lines.bad(format!("`{word}` is not among the unigrams")));
                };
                *to = *id;
            }
            grams.push(gram);
        }
        self.made.orders.push(grams);
        Ok(())
    }
}

/// The line that opens a section.
fn header<R: BufRead>(lines: &mut Lines<R>, order: usize) -> Result<(), LmError> {
    let wanted = format!("\\{order}-grams:");
    let found = lines.next_full()?;
    if found.as_ref() == Some(&wanted) {
        lines.section = wanted;
        return Ok(());
    }
    Err(match found {
        None => lines.bad(format!("the file ends where `{wanted}` is wanted")),
        // What is left over is counted wrong.
        Some(line) if !line.starts_with('\\') => lines.bad(format!(
            "`{wanted}` is wanted here: are there more n-grams than \\data\\ says?"
        )),
        Some(_) => lines.bad(format!("`{wanted}` is wanted here")),
    })
}

/// The line of n-gram `at` of `count`.
fn gram_line<R: BufRead>(
    lines: &mut Lines<R>,
    order: usize,
    at: u64,
    count: u64,
) -> Result<String, LmError> {
    let line = lines.next()?.map(str::to_owned);
    match line {
        Some(line) if !line.is_empty() && !line.starts_with('\\') => Ok(line),
        Some(_) => Err(lines.bad(format!(
            "there are {at} {order}-grams, \\data\\ says {count}"
        ))),
        None => Err(lines.bad(format!(
            "the file ends after {at} of {count} {order}-grams: it is cut short"
        ))),
    }
}

/// A line's parts.
struct Fields<'a> {
    prob: f32,
    words: [&'a str; MAX_ORDER],
    backoff: f32,
}

impl<'a> Fields<'a> {
    fn parse(line: &'a str, order: usize, longest: bool) -> Result<Self, String> {
        let mut fields = line
            .split([' ', '\t', '\r'])
            .filter(|field| !field.is_empty());
        let prob = number(fields.next().unwrap_or_default(), "log probability")?;
        if prob > 0.0 {
            return Err(format!("log probability {prob} is above 0"));
        }
        let mut words = [""; MAX_ORDER];
        for word in &mut words[..order] {
            *word = fields
                .next()
                .ok_or_else(|| format!("a log probability and {order} word(s) are wanted"))?;
        }
        let backoff = match fields.next() {
            Some(backoff) => number(backoff, "backoff")?,
            None => 0.0,
        };
        if longest && backoff != 0.0 {
            return Err(format!("{order}-grams, the longest here, have no backoff"));
        }
        match fields.next() {
            Some(_) => Err(format!("more than {order} word(s) and a backoff")),
            None => Ok(Self {
                prob,
                words,
                backoff,
            }),
        }
    }

    fn weights(&self) -> NGram {
        NGram {
            prob: self.prob,
            backoff: self.backoff,
            ..NGram::default()
        }
    }
}

fn number(text: &str, what: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("{what} `{text}` is no finite number")),
    }
}
