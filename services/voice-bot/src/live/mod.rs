//! Calls that are being led: how they begin, what is written down of them, how they end.
//!
//! A transport makes a line ([`pipeline::transport::line`]) and gives its inner end to
//! [`Live::begin`]; from then on the call lives in tasks of its own ([`lead`]), until either end of
//! the line goes or [`Live::end`] is called. What is said is on disk ([`journal`]) before the
//! database has it ([`settle`]), so that neither an outage of the database nor the death of this
//! process loses more than the open turn ([`recovery`]).

mod begin;
mod hub;
mod journal;
mod lead;
mod prepare;
mod record;
mod recovery;
mod registry;
mod sealed_lines;
mod settings;
mod settle;
mod shutdown;
mod summary;
mod tally;

pub use begin::Beginning;
pub use hub::{Change, LiveEvent, What};
pub use journal::path as journal_path;
pub use prepare::recording_stem;
pub use recovery::keep_settled;
pub use registry::{Active, Now};
pub use sealed_lines::{lines as journal_lines, reseal as reseal_journal};
pub use settings::LiveSettings;
pub use shutdown::keep_draining;

use crate::config::Config;
use crate::state::AppState;
use crate::webhook::Webhook;
use api::ids::{CallId, OrganizationId};
use hub::Hub;
use pipeline::transport::Ports;
use pipeline::{Control, EndReason};
use registry::Registry;
use sealing::Sealer;
use service::{ApiResult, Drain};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// The calls of this process.
pub struct Live {
    registry: Registry,
    hub: Hub,
    services: pipeline::Services,
    http: reqwest::Client,
    webhook: Option<Webhook>,
    journals: PathBuf,
    /// Told when there is a journal to settle.
    unsettled: Notify,
}

impl Live {
    /// No calls yet. Must be called on the runtime; what it delivers ends with the drain.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn start(
        config: &Config,
        sealer: &Sealer,
        http: reqwest::Client,
        drain: &Drain,
    ) -> Result<Self, String> {
        let llm = llm::Llm::new(&config.live.llm).map_err(|error| error.to_string())?;
        let outbox = config.common.data_dir.join("outbox");
        Ok(Live {
            registry: Registry::new(config.live.max_calls),
            hub: Hub::default(),
            services: pipeline::Services {
                llm,
                http: http.clone(),
                clips: pipeline::clips::Clips::default(),
            },
            http,
            webhook: Webhook::start(config, sealer, drain)?,
            journals: outbox.join("calls"),
            unsettled: Notify::new(),
        })
    }

    /// Begins a call on a line; when this returns it is written down as answered, and goes on by
    /// itself. The line is dropped where it cannot begin.
    ///
    /// # Errors
    /// 404 for an agent, customer or call that is not the organization's, 409 for a call that is
    /// over or led already, 503 when there are too many calls, the service ends, or the database is away.
    pub async fn begin(
        &self,
        state: &AppState,
        beginning: Beginning,
        ports: Ports,
    ) -> ApiResult<CallId> {
        begin::begin(state, beginning, ports).await
    }

    /// Calls that are led here.
    pub fn count(&self) -> usize {
        self.registry.count()
    }

    /// Whether one more call could begin now.
    pub fn has_room(&self) -> bool {
        self.registry.slot().is_some()
    }

    /// Ends a call at once. False: it is not led here.
    pub fn end(&self, call: CallId, reason: EndReason) -> bool {
        let Some(active) = self.registry.get(call) else {
            return false;
        };
        // Full or closed: it is ending already.
        let _ = active.control.try_send(Control::HangUp(reason));
        true
    }

    /// Ends a call at once and waits until it is written down, `patience` at most. False: it is
    /// not led here, or not over yet.
    pub async fn ended(&self, call: CallId, reason: EndReason, patience: Duration) -> bool {
        match self.registry.get(call) {
            Some(active) => registry::ended(&active, Control::HangUp(reason), patience).await,
            None => false,
        }
    }

    /// Ends all calls of an organization at once.
    pub fn end_all(&self, organization: OrganizationId, reason: EndReason) {
        for call in self.active(organization) {
            let _ = call.control.try_send(Control::HangUp(reason));
        }
    }

    /// What a call hears control by, while it is led here.
    pub fn control(&self, call: CallId) -> Option<mpsc::Sender<Control>> {
        Some(self.registry.get(call)?.control.clone())
    }

    /// A call that is led here.
    pub fn call(&self, call: CallId) -> Option<Arc<Active>> {
        self.registry.get(call)
    }

    /// The calls of an organization that are led here, the oldest first.
    pub fn active(&self, organization: OrganizationId) -> Vec<Arc<Active>> {
        self.registry.all(|call| call.organization == organization)
    }

    /// What happens from now on in the calls of an organization, or in one of them; none when too
    /// many listen already.
    pub fn follow(
        &self,
        organization: OrganizationId,
        call: Option<CallId>,
    ) -> Option<mpsc::Receiver<Arc<LiveEvent>>> {
        self.hub.follow(organization, call)
    }
}
