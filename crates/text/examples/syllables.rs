//! How often syllables are counted as a dictionary has them.
//!
//! `cargo run -p text --example syllables -- en < words.tsv` reads lines of `word <tab> syllables` and
//! prints the share that is right, the share that is one off at most, and the mean difference.

use std::io::BufRead;

fn main() {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    let (mut all, mut right, mut near, mut sum, mut wanted_sum) = (0_u32, 0_u32, 0_u32, 0.0, 0.0);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some((word, wanted)) = line.split_once('\t') else {
            continue;
        };
        let (Some(found), Ok(wanted)) = (
            text::fluency::syllables(word, &language),
            wanted.parse::<f64>(),
        ) else {
            continue;
        };
        let off = found as f64 - wanted;
        all += 1;
        right += u32::from(off == 0.0);
        near += u32::from(off.abs() <= 1.0);
        sum += off;
        wanted_sum += wanted;
    }
    let share = |part: u32| f64::from(part) / f64::from(all.max(1));
    println!(
        "{all} words: right {:.3}, one off at most {:.3}, syllables in all {:+.1} %",
        share(right),
        share(near),
        100.0 * sum / wanted_sum
    );
}
