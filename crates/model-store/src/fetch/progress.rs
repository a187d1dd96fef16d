//! Progress for people: bars on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::megabytes;

/// Without a terminal, a long download says this often how far it is.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Where progress goes.
pub struct Progress {
    bars: Option<MultiProgress>,
    lines: bool,
}

impl Progress {
    /// To stderr, as suits it.
    pub fn new() -> Self {
        let terminal = stderr().is_terminal();
        Self {
            bars: terminal.then(MultiProgress::new),
            lines: !terminal,
        }
    }

    /// Nowhere.
    pub fn silent() -> Self {
        Self {
            bars: None,
            lines: false,
        }
    }

    /// One line that stays.
    pub fn line(&self, text: &str) {
        if let Some(bars) = &self.bars {
            // Only fails when stderr is gone.
            let _ = bars.println(text);
        } else if self.lines {
            eprintln!("{text}");
        }
    }

    /// A download of about `total` bytes.
    pub(super) fn download(&self, label: &str, total: u64) -> Bar {
        let bar = self.bar(
            label,
            ProgressBar::new(total),
            "{msg:40} {bar:24} {decimal_bytes:>10} of {decimal_total_bytes:10} {decimal_bytes_per_sec}",
        );
        if self.bars.is_none() {
            self.line(&format!("{label}: downloading {}", megabytes(total)));
        }
        Bar {
            bar,
            said: self.lines.then(|| Mutex::new(Instant::now())),
            label: label.to_owned(),
            total,
        }
    }

    /// Work of unknown length.
    pub(super) fn working(&self, label: &str) -> Bar {
        let bar = self.bar(
            label,
            ProgressBar::new_spinner(),
            "{msg:40} {spinner} {elapsed}",
        );
        bar.enable_steady_tick(Duration::from_millis(100));
        Bar {
            bar,
            said: None,
            label: label.to_owned(),
            total: 0,
        }
    }

    fn bar(&self, label: &str, bar: ProgressBar, template: &str) -> ProgressBar {
        let style = ProgressStyle::with_template(template).expect("the templates are fixed");
        let bar = match &self.bars {
            Some(bars) => bars.add(bar),
            None => ProgressBar::hidden(),
        };
        bar.with_style(style).with_message(label.to_owned())
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// One thing going on; clears itself when dropped.
pub(super) struct Bar {
    bar: ProgressBar,
    said: Option<Mutex<Instant>>,
    label: String,
    total: u64,
}

impl Bar {
    /// So many bytes have arrived. Clients keep temporary copies: never shows more than all.
    pub fn set(&self, bytes: u64) {
        let bytes = bytes.min(self.total);
        self.bar.set_position(bytes);
        let Some(said) = &self.said else { return };
        let Ok(mut said) = said.lock() else { return };
        if said.elapsed() >= LINE_EVERY {
            *said = Instant::now();
            eprintln!(
                "{}: {} of {}",
                self.label,
                megabytes(bytes),
                megabytes(self.total)
            );
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
