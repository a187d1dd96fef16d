//! Telling others of calls: `call.started` and `call.ended` to `WEBHOOK_URL`.
//!
//! An event is on disk, in `DATA_DIR/outbox/webhooks`, before it counts as told, and is sent until
//! it is taken. It may come twice; its `id` is the same then.

mod client;
mod delivery;
mod sign;

pub use sign::signature;

use crate::calls;
use crate::config::Config;
use crate::live::Active;
use crate::mail::spool::Spool;
use api::ids::{CallId, OrganizationId};
use delivery::Receiver;
use sealing::Sealer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::Drain;
use std::io;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Notify;

/// What is known of an event without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The same each time it is sent.
    pub id: String,
}

/// Takes events.
pub struct Webhook {
    spool: Spool<Envelope>,
    wake: Arc<Notify>,
    /// Below which recordings are found.
    gateway: String,
}

/// Removes events of calls that wait, or that nobody took.
///
/// # Errors
/// Those of the disk.
pub async fn forget(config: &Config, sealer: &Sealer, calls: &[CallId]) -> io::Result<()> {
    let outbox = config.common.data_dir.join("outbox");
    let spool: Spool<Envelope> = Spool::new(outbox.join("webhooks"), sealer.clone());
    let calls: Vec<String> = calls.iter().map(|call| call.to_string()).collect();
    spool
        .forget(move |envelope| calls.iter().any(|call| envelope.id.starts_with(call)))
        .await
}

impl Webhook {
    /// Starts to deliver what waits; none without `WEBHOOK_URL`. Ends with the drain.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn start(config: &Config, sealer: &Sealer, drain: &Drain) -> Result<Option<Self>, String> {
        let given = config.live.webhook_url.as_deref().unwrap_or_default();
        if given.trim().is_empty() {
            return Ok(None);
        }
        let secret = config.live.webhook_secret.clone();
        let secret = secret.filter(|secret| !secret.expose().is_empty());
        let secret =
            secret.ok_or("WEBHOOK_URL needs WEBHOOK_SECRET, which its events are signed with")?;
        let private = config.live.webhook_allow_private;
        let url = client::check(given.trim(), private)?;
        let http = client::client(private).map_err(|error| error.to_string())?;
        let outbox = config.common.data_dir.join("outbox");
        let spool = Spool::new(outbox.join("webhooks"), sealer.clone());
        let wake = Arc::new(Notify::new());
        let receiver = Receiver::new(http, url, secret);
        tokio::spawn(delivery::run(
            spool.clone(),
            receiver,
            wake.clone(),
            drain.clone(),
        ));
        let gateway = config.public_url.trim().trim_end_matches('/');
        Ok(Some(Webhook {
            spool,
            wake,
            gateway: format!("{gateway}/bot"),
        }))
    }

    /// A call has begun.
    pub async fn started(&self, call: &Active) {
        let data = json!({
            "id": call.id,
            "agent_id": call.agent,
            "customer_id": call.customer,
            "direction": call.direction,
            "from_number": call.from_number,
            "to_number": call.to_number,
            "answered_at": call.answered_at.format(&Rfc3339).unwrap_or_default(),
        });
        let id = format!("{}-started", call.id);
        self.tell(id, "call.started", call.organization, data).await;
    }

    /// A call is over; true once that is on disk.
    pub async fn ended(&self, organization: OrganizationId, call: data_model::Call) -> bool {
        let id = format!("{}-ended", call.id);
        let record = calls::whole(call, &self.gateway);
        let data = serde_json::to_value(record).unwrap_or_default();
        self.tell(id, "call.ended", organization, data).await
    }

    async fn tell(
        &self,
        id: String,
        kind: &'static str,
        organization: OrganizationId,
        call: Value,
    ) -> bool {
        let event = json!({
            "id": id,
            "type": kind,
            "created_at": OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            "organization_id": organization,
            "data": { "call": call },
        });
        let written = self
            .spool
            .add(Envelope { id }, event.to_string().into_bytes());
        match written.await {
            Ok(()) => {
                self.wake.notify_one();
                true
            }
            Err(error) => {
                tracing::error!(%error, kind, "DATA_DIR/outbox/webhooks cannot be written");
                false
            }
        }
    }
}
