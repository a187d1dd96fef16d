//! A running voice-bot with a database of its own, and people who talk to it.

#![allow(dead_code, reason = "each test file uses what it needs")]

use api::Role;
use api::ids::{OrganizationId, SessionId, UserId};
use data_model::{Database, PoolOptions};
use reqwest::header::{CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use service::{App, Drain, InternalAuth, Secret};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use tempfile::TempDir;
use test_postgres::Cluster;
use voice_bot::{AppState, Config};

/// What the gateway sends as `X-Internal-Secret`.
pub const INTERNAL: &str = "known to the gateway only";

/// A running service.
pub struct Bot {
    /// `http://127.0.0.1:port`.
    pub url: String,
    /// What its handlers share.
    pub state: AppState,
    /// URL of its database.
    pub database: String,
    /// Keys, recordings, e-mails.
    pub data: TempDir,
    drain: Drain,
}

impl Bot {
    /// One with the defaults.
    pub async fn start() -> Bot {
        Bot::with(|_| ()).await
    }

    /// One whose settings differ.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Bot {
        let data = TempDir::new().expect("a temporary folder can be made");
        let database = migrated().await;
        let mut config = Config::with_data_dir(data.path());
        config.database_url = Some(Secret::new(database.clone()));
        change(&mut config);
        let database = config.database_url().expose().to_owned();
        let common = config.common.clone();
        let drain = Drain::new();
        let state = AppState::start(config, drain.clone()).expect("the service starts");
        tokio::spawn(state.clone().keep_migrated());
        tokio::spawn(voice_bot::accounts::forgot::deliver(state.clone()));
        let app = App::new("voice-bot", "test", &common, drain.clone())
            .routes(voice_bot::router(state.clone()))
            .internal_auth(InternalAuth::new(Some(Secret::new(INTERNAL)), false))
            .build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let url = format!(
            "http://{}",
            listener
                .local_addr()
                .expect("a bound socket has an address")
        );
        tokio::spawn(service::serve_on(
            listener,
            app,
            service::Limits::from(&common),
            drain.clone(),
        ));
        while state.database_ready().await.is_err() {
            tokio::task::yield_now().await;
        }
        Bot {
            url,
            state,
            database,
            data,
            drain,
        }
    }

    /// Somebody with an account and this role in an organization, who is signed in and works there;
    /// written straight into the database. `None` makes an organization of their own.
    pub async fn member(
        &self,
        organization: Option<OrganizationId>,
        role: Role,
    ) -> (Visitor, UserId, OrganizationId) {
        let pool = self.pool().await;
        let user: UserId = data_model::new_id();
        let session: SessionId = data_model::new_id();
        let email = format!("{user}@example.com");
        sqlx::query("INSERT INTO users (id, email, email_verified_at, auth_provider) VALUES ($1, $2, now(), 'password')")
            .bind(user.0)
            .bind(email)
            .execute(&pool)
            .await
            .expect("a user can be made");
        let organization = match organization {
            Some(organization) => organization,
            None => {
                let id: OrganizationId = data_model::new_id();
                sqlx::query("INSERT INTO organizations (id, name, slug, owner_user_id) VALUES ($1, 'Test', $2, $3)")
                    .bind(id.0)
                    .bind(format!("test-{id}"))
                    .bind(user.0)
                    .execute(&pool)
                    .await
                    .expect("an organization can be made");
                id
            }
        };
        sqlx::query("INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, $3)")
            .bind(organization.0)
            .bind(user.0)
            .bind(role.as_str())
            .execute(&pool)
            .await
            .expect("a membership can be made");
        sqlx::query(
            "INSERT INTO user_sessions (id, family_id, user_id, organization_id, refresh_token_hash, expires_at)
             VALUES ($1, $1, $2, $3, sha256($1::text::bytea), now() + interval '1 day')",
        )
        .bind(session.0)
        .bind(user.0)
        .bind(organization.0)
        .execute(&pool)
        .await
        .expect("a session can be made");
        let life = std::time::Duration::from_secs(900);
        let token = voice_bot::session::access_token(&self.state, user, session, life)
            .expect("a token can be signed");
        let visitor = self.visitor();
        visitor.set_cookie("access_token", &token);
        (visitor, user, organization)
    }

    /// A guest in a space of their own, made like [`Bot::member`].
    pub async fn guest(&self) -> (Visitor, UserId, OrganizationId) {
        let made = self.member(None, Role::Owner).await;
        sqlx::query("UPDATE users SET email = NULL, email_verified_at = NULL, auth_provider = 'guest' WHERE id = $1")
            .bind(made.1.0)
            .execute(&self.pool().await)
            .await
            .expect("an account can be forgotten");
        made
    }

    /// Connections to its database, for what the API does not show.
    pub async fn pool(&self) -> sqlx::PgPool {
        sqlx::PgPool::connect(&self.database)
            .await
            .expect("the database answers")
    }

    /// Somebody who has not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor {
            http: http(),
            url: self.url.clone(),
            cookies: Mutex::default(),
        }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.drain.start();
    }
}

/// A URL of a migrated database that nobody else uses.
async fn migrated() -> String {
    static TEMPLATE: OnceLock<Mutex<bool>> = OnceLock::new();
    let cluster = Cluster::shared();
    let made = TEMPLATE.get_or_init(|| Mutex::new(false));
    tokio::task::spawn_blocking(move || {
        let mut made = made.lock().expect("nobody panicked with it");
        if !*made {
            cluster.create("migrated", "template0");
            let url = cluster.url("migrated");
            let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
            runtime.block_on(async {
                let database = Database::new(&url, PoolOptions::default()).expect("our own URL");
                database.migrate().await.expect("migrations run");
                database.close().await;
            });
            *made = true;
        }
        cluster.copy("migrated")
    })
    .await
    .expect("the database is made")
}

fn http() -> reqwest::Client {
    // Fails when another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a plain client")
}

/// A browser: keeps its cookies.
pub struct Visitor {
    http: reqwest::Client,
    url: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        match self.text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")),
        }
    }

    /// `error.code`, or nothing.
    pub fn code(&self) -> String {
        let json = self.json();
        json["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// Checks that it was refused so.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Answer {
        assert_eq!(
            (self.status.as_u16(), self.code().as_str()),
            (status, code),
            "{}",
            self.text
        );
        self
    }

    /// Seconds of `Retry-After`.
    pub fn retry_after(&self) -> Option<u64> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
    }
}

impl Visitor {
    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &[], Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Any request; cookies go along and are kept as a browser would.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        match body {
            Some(body) => {
                let headers = [&json, headers].concat();
                self.raw(method, path, &headers, body.to_string()).await
            }
            None => self.raw(method, path, headers, String::new()).await,
        }
    }

    /// Any request with any body.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        let cookies = self.cookie_line();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.body(body);
        }
        let mut response = request.send().await.expect("the service answers");
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().expect("cookies are ASCII");
            let (name, rest) = line.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().unwrap_or_default();
            let mut cookies = self.cookies.lock().expect("nobody panicked with it");
            match value {
                "" => cookies.remove(name),
                value => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let kind = headers.get(CONTENT_TYPE);
        let text = match kind.is_some_and(|kind| kind.as_bytes() == b"text/event-stream") {
            // There is no end to wait for.
            true => {
                let first = response.chunk().await.expect("a first event");
                String::from_utf8(first.unwrap_or_default().to_vec()).expect("events are text")
            }
            false => response.text().await.expect("the answer is whole"),
        };
        Answer {
            status,
            headers,
            text,
        }
    }

    /// The body of a GET that is allowed, as bytes.
    pub async fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut request = self.http.get(format!("{}{path}", self.url));
        request = request.header(COOKIE, self.cookie_line());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the service answers");
        assert!(response.status().is_success(), "{}", response.status());
        response
            .bytes()
            .await
            .expect("the answer is whole")
            .to_vec()
    }

    /// Server-sent events from here.
    pub async fn follow(&self, path: &str) -> Follower {
        let request = self.http.get(format!("{}{path}", self.url));
        let request = request.header(COOKIE, self.cookie_line());
        let response = request.send().await.expect("the service answers");
        assert_eq!(response.status().as_u16(), 200);
        Follower {
            response,
            read: String::new(),
        }
    }

    /// A cookie they hold.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies
            .lock()
            .expect("nobody panicked with it")
            .get(name)
            .cloned()
    }

    /// Gives them a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().expect("nobody panicked with it");
        cookies.insert(name.to_owned(), value.to_owned());
    }

    fn cookie_line(&self) -> String {
        let cookies = self.cookies.lock().expect("nobody panicked with it");
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

/// Reads server-sent events.
pub struct Follower {
    response: reqwest::Response,
    read: String,
}

impl Follower {
    /// The next event; none at the end.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim_start().to_owned())
                };
                let (name, data) = (field("event:"), field("data:"));
                self.read = rest.to_owned();
                if let (Some(name), Some(data)) = (name, data) {
                    return Some((name, serde_json::from_str(&data).expect("data is JSON")));
                }
                continue;
            }
            let chunk = self.response.chunk().await.ok().flatten()?;
            self.read += std::str::from_utf8(&chunk).expect("events are text");
        }
    }

    /// The next event of this name.
    pub async fn wait(&mut self, name: &str) -> Value {
        let found = async {
            loop {
                match self.next().await {
                    Some((found, data)) if found == name => return data,
                    Some(_) => {}
                    None => panic!("the stream ended before {name}"),
                }
            }
        };
        let patience = std::time::Duration::from_secs(20);
        let found = tokio::time::timeout(patience, found).await;
        found.unwrap_or_else(|_| panic!("no {name} in time"))
    }
}
