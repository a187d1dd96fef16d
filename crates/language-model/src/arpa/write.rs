//! Writes an ARPA file.

use std::io::Write;

use crate::error::LmError;
use crate::ngrams::NGrams;

/// Writes a model as ARPA text, n-grams in their order in `ngrams`. Numbers are written so that
/// reading gives the same floats.
///
/// # Errors
/// [`LmError::NGrams`] when they make no model; [`LmError::Io`].
pub fn write_arpa(ngrams: &NGrams, mut out: impl Write) -> Result<(), LmError> {
    ngrams.check()?;
    writeln!(out, "\\data\\")?;
    for (order, grams) in (1..).zip(&ngrams.orders) {
        writeln!(out, "ngram {order}={}", grams.len())?;
    }
    for (order, grams) in (1..).zip(&ngrams.orders) {
        writeln!(out, "\n\\{order}-grams:")?;
        for gram in grams {
            let text = ngrams.text(&gram.words[..order]);
            if order == ngrams.orders.len() {
                writeln!(out, "{}\t{text}", gram.prob)?;
            } else {
                writeln!(out, "{}\t{text}\t{}", gram.prob, gram.backoff)?;
            }
        }
    }
    writeln!(out, "\n\\end\\")?;
    Ok(out.flush()?)
}
