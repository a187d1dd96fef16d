//! The task that has asr-server listen: connects, comes back when the connection is lost, and
//! keeps the sound of meanwhile.

mod address;
mod connection;
#[cfg(test)]
mod tests;
mod timeline;
mod waiting;
mod words;

pub use waiting::{Stretch, Waiting};

use crate::frame::{Frame, Part};
use crate::processor::Mailbox;
use crate::settings::CallSettings;
use connection::{Connection, Lost};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use words::Words;

/// The pause before the second try; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// And is no longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A connection that comes back within this time need not be spoken of.
const GRACE: Duration = Duration::from_secs(1);

/// Has the sound that waits recognised until the call is over; what comes of it, and `Failed` and
/// `Recovered`, go to the mailbox.
pub async fn listen(settings: Arc<CallSettings>, waiting: Arc<Waiting>, mailbox: Mailbox) {
    let mut words = Words::default();
    let mut plain = false;
    let mut pause = Duration::ZERO;
    let mut lost_at = Instant::now();
    let mut is_told = false;
    loop {
        sleep(pause).await;
        let lost = match open(&settings, plain).await {
            Ok(mut connection) => {
                tracing::debug!("asr-server listens");
                pause = Duration::ZERO;
                if std::mem::take(&mut is_told) && !mailbox.send(Frame::Recovered(Part::Asr)).await
                {
                    return;
                }
                let began = Instant::now();
                let Some(lost) = connection.run(&waiting, &mut words, &mailbox).await else {
                    return;
                };
                lost_at = Instant::now();
                if began.elapsed() < LONGEST_PAUSE {
                    // It takes us and drops us: not so fast.
                    pause = FIRST_PAUSE;
                }
                for frame in words.lost() {
                    if !mailbox.send(frame).await {
                        return;
                    }
                }
                lost
            }
            Err(lost) => {
                pause = (2 * pause).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                lost
            }
        };
        tracing::warn!(?lost, "asr-server does not listen");
        let why = match lost {
            Lost::Refused(why) => {
                plain = true;
                why
            }
            Lost::Broken(why) => why,
        };
        if !is_told && lost_at.elapsed() >= GRACE {
            is_told = true;
            let part = Part::Asr;
            if !mailbox.send(Frame::Failed { part, why }).await {
                return;
            }
        }
    }
}

async fn open(settings: &CallSettings, plain: bool) -> Result<Connection, Lost> {
    let request = address::request(settings, plain).map_err(Lost::Broken)?;
    Connection::open(request, settings.rate).await
}
