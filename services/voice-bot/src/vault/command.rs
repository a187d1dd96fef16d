//! `voice-bot --rotate-data-key` and `voice-bot --unseal FILE`.

use crate::config::Config;
use crate::mail::spool;
use anyhow::{Context, bail};
use pipeline::recording::{self, Reading};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// How often it is looked how far services are.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes by which the kind of a file is told.
const HEAD: usize = 16;

/// Replaces the key of HIPAA mode while the services run; interrupted, it is gone on with when called
/// again.
///
/// # Errors
/// The key file cannot be read or replaced, or nothing was ever sealed.
pub async fn rotate(config: &Config) -> anyhow::Result<()> {
    let rotation = config.common.rotation();
    let newest = rotation.begin()?;
    println!(
        "Key {newest} encrypts from now on. The running services encrypt what they keep anew."
    );
    let mut waited = Vec::new();
    loop {
        let pending = rotation.pending(newest)?;
        if pending.is_empty() {
            break;
        }
        if pending != waited {
            println!("Waiting for: {}", pending.join(", "));
            waited = pending;
        }
        tokio::time::sleep(LOOK).await;
    }
    match rotation.finish()? {
        0 => println!("Everything was encrypted with it already."),
        old => println!("Done; {old} old key(s) are out of the key file. Older backups need them."),
    }
    Ok(())
}

/// Writes what a sealed file of this service holds: a recording, a letter, an event, a journal.
///
/// # Errors
/// Those of the disk; its key is missing, or it is damaged.
pub fn unseal(config: &Config, path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let sealer = config.common.sealer()?;
    let path = path.canonicalize().context("there is no such file")?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut head = Vec::new();
    File::open(&path)?
        .take(HEAD as u64)
        .read_to_end(&mut head)?;
    if sealing::is_sealed(&head) {
        out.write_all(&sealer.open(&spool::place(&name), &fs::read(&path)?)?)?;
    } else if sealing::file::key_of(&File::open(&path)?)?.is_some() {
        let mut reading = Reading::open(&path, &sealer)
            .with_context(|| format!("it must lie where it was: {}", recording::place(&path)))?;
        let (mut position, mut block) = (0, vec![0; 64 * 1024]);
        loop {
            match reading.read_at(position, &mut block)? {
                0 => break,
                read => {
                    out.write_all(&block[..read])?;
                    position += read as u64;
                }
            }
        }
    } else if head.starts_with(b"\x01") {
        let call = name.trim_end_matches(".jsonl");
        let call = call.parse().context("journals are named by their call")?;
        for line in crate::live::journal_lines(&path, call, &sealer)? {
            writeln!(out, "{line}")?;
        }
    } else {
        bail!("it is not encrypted");
    }
    Ok(out.flush().or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })?)
}
