//! `models lm`: language models of one's own text, and of other formats.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use language_model::{
    Counter, LmError, NGrams, SPHINX_MAGIC, read_arpa, read_sphinx, write_arpa, write_trie,
};
use model_store::megabytes;

/// Bytes of a line at most: one sentence.
const MAX_LINE: u64 = 1 << 20;
/// Progress is told this often.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// How often the clock is looked at, in sentences.
const LOOK_EVERY: u64 = 1 << 12;

#[derive(Subcommand)]
pub enum Command {
    /// Estimate an n-gram model of text: modified Kneser-Ney, for `use_lm` and LM_DIR
    ///
    /// The text has one sentence a line, as it is spoken: `twenty five`, not `25`. It is lower-cased
    /// and loses its punctuation as transcripts do.
    Build(BuildArguments),
    /// Turn an ARPA file, or a model of CMU Sphinx, into one that opens at once
    Convert {
        /// ARPA, or a .lm.bin of CMU Sphinx
        from: PathBuf,
        #[command(flatten)]
        to: Output,
    },
}

#[derive(Args)]
pub struct BuildArguments {
    /// The text, UTF-8; - for standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    text: PathBuf,
    /// Words of an n-gram at most
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=6))]
    order: u8,
    /// Language of the text, for lower-casing: ISO 639-1
    #[arg(long, default_value = "en")]
    language: String,
    /// Take the words as they are, casing and punctuation included
    #[arg(long)]
    as_is: bool,
    /// Megabytes that may be used; bigger corpora are refused
    #[arg(long, default_value_t = 2000, value_name = "MB")]
    memory: u64,
    #[command(flatten)]
    to: Output,
}

#[derive(Args)]
pub struct Output {
    /// The file to write; it appears when it is whole
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write ARPA text instead of KenLM's binary format
    #[arg(long)]
    arpa: bool,
}

pub fn run(command: Command) -> Result<ExitCode, LmError> {
    match command {
        Command::Build(arguments) => build(&arguments)?,
        Command::Convert { from, to } => {
            let ngrams = read(&from).map_err(LmError::in_file(&from))?;
            write(ngrams, &to)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn build(arguments: &BuildArguments) -> Result<(), LmError> {
    let mut counter = Counter::new(arguments.order.into(), arguments.memory << 20)?;
    let path = &arguments.text;
    if path.as_os_str() == "-" {
        count(&mut counter, io::stdin().lock(), None, arguments)?;
    } else {
        let file = File::open(path).map_err(|e| LmError::in_file(path)(e.into()))?;
        let size = file.metadata().ok().map(|data| data.len());
        count(&mut counter, BufReader::new(file), size, arguments)
            .map_err(LmError::in_file(path))?;
    }
    eprintln!(
        "{} sentences, {} words, {} different; estimating",
        counter.sentences(),
        counter.tokens(),
        counter.vocabulary_size() - 3
    );
    let made = counter.estimate()?;
    for (order, discounts) in (1..).zip(&made.discounts) {
        let [one, two, more] = discounts.amounts;
        let how = if discounts.estimated {
            ""
        } else {
            " (fallback: the text is too small to estimate them)"
        };
        eprintln!("{order}-grams: discounts {one:.3} {two:.3} {more:.3}{how}");
    }
    write(made.ngrams, &arguments.to)
}

fn count(
    counter: &mut Counter,
    mut input: impl BufRead,
    size: Option<u64>,
    arguments: &BuildArguments,
) -> Result<(), LmError> {
    let bad = |line: u64, reason: &str| LmError::Arpa {
        line,
        section: "text".into(),
        reason: reason.into(),
    };
    let mut buffer = Vec::new();
    let (mut number, mut bytes, mut said) = (0u64, 0u64, Instant::now());
    loop {
        buffer.clear();
        let read = (&mut input)
            .take(MAX_LINE + 1)
            .read_until(b'\n', &mut buffer)? as u64;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        bytes += read;
        if read > MAX_LINE {
            return Err(bad(number, "over 1 MiB; one sentence a line is wanted"));
        }
        let Ok(line) = std::str::from_utf8(&buffer) else {
            return Err(bad(number, "not UTF-8; `iconv -t utf-8` converts"));
        };
        if arguments.as_is {
            counter.add(line)?;
        } else {
            counter.add(&text::plain(line, &arguments.language))?;
        }
        if number.is_multiple_of(LOOK_EVERY) && said.elapsed() >= SAY_EVERY {
            said = Instant::now();
            let of = size.map_or(String::new(), |size| format!(" of {}", megabytes(size)));
            eprintln!(
                "{}{of} read: {} words, {} different",
                megabytes(bytes),
                counter.tokens(),
                counter.vocabulary_size() - 3
            );
        }
    }
}

fn read(path: &Path) -> Result<NGrams, LmError> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref()
        .take(SPHINX_MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    if start == SPHINX_MAGIC {
        return read_sphinx(&fs::read(path)?);
    }
    if start.starts_with(b"mmap lm ") {
        return Err(LmError::Unrecognised(
            "it is KenLM's already, which needs no conversion".into(),
        ));
    }
    read_arpa(BufReader::new(start.as_slice().chain(file)))
}

/// Writes beside `out` first: a file that somebody has mapped must not change.
fn write(ngrams: NGrams, to: &Output) -> Result<(), LmError> {
    let counts: Vec<String> = ngrams.orders.iter().map(|o| o.len().to_string()).collect();
    let mut partial = to.out.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let done = File::create(&partial)
        .map_err(LmError::from)
        .and_then(|file| {
            let file = BufWriter::new(file);
            if to.arpa {
                write_arpa(&ngrams, file)
            } else {
                write_trie(ngrams, file)
            }
        })
        .and_then(|()| Ok(fs::rename(&partial, &to.out)?));
    if done.is_err() {
        // Best effort: the error that is told is the first one.
        let _ = fs::remove_file(&partial);
    }
    done.map_err(LmError::in_file(&to.out))?;
    let size = fs::metadata(&to.out)?.len();
    eprintln!(
        "{}: {} n-grams, {}",
        to.out.display(),
        counts.join(" + "),
        megabytes(size)
    );
    Ok(())
}
