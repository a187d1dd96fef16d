//! Every route of the OpenAPI document, a request to it, and who may make it.
//!
//! Words in capitals stand for what the attacked organization owns; [`super::world::World::fill`]
//! puts their ids in.

use api::Role;

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Everybody, signed in or not.
    Everyone,
    /// Nobody but the telephone company: a signature that none of them can make.
    Signature,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in with an account.
    Account,
    /// Who has this role, in an organization or a guest's space.
    Role(Role),
    /// Who has this role and an account.
    RoleAndAccount(Role),
}

/// What a request from people of another organization comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    /// It names nothing of ours: they see and change what is theirs.
    Theirs,
    /// It names something of ours, which for them is not there.
    Hidden,
    /// It names something of ours and is refused so.
    Refused(u16),
}

/// A request to a route.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Method and template, as in the document.
    pub route: &'static str,
    /// What is asked for.
    pub path: &'static str,
    /// JSON, where the route takes any; a form for Twilio's.
    pub body: &'static str,
    /// Who may.
    pub may: May,
    /// What others find.
    pub strangers: Strangers,
    /// Answers besides 2xx and 3xx that only who was let in can get.
    pub also: &'static [u16],
    /// Whether everybody may see what is ours, such as the holder of a letter.
    pub shows: bool,
}

const fn case(route: &'static str, path: &'static str, may: May, strangers: Strangers) -> Case {
    Case {
        route,
        path,
        body: "",
        may,
        strangers,
        also: &[],
        shows: false,
    }
}

impl Case {
    const fn body(self, body: &'static str) -> Case {
        Case { body, ..self }
    }

    const fn also(self, also: &'static [u16]) -> Case {
        Case { also, ..self }
    }

    const fn shows(self) -> Case {
        Case {
            shows: true,
            ..self
        }
    }
}

use May::{Account, Everyone, SignedIn};
use Strangers::{Hidden, Refused, Theirs};

const MEMBER: May = May::Role(Role::Member);
const ADMIN: May = May::Role(Role::Admin);
const OWNER: May = May::Role(Role::Owner);
const INVITES: May = May::RoleAndAccount(Role::Admin);
const CALLS: May = May::RoleAndAccount(Role::Member);

/// All of them. A route may have several; the first is what `docs/security.md` shows.
pub const CASES: &[Case] = &[
    // Accounts. Wrong passwords and tokens that never were are answers to those who were let in.
    case(
        "POST /api/auth/signup",
        "/api/auth/signup",
        Everyone,
        Theirs,
    )
    .body(r#"{"email": "new-AGENT@example.com", "password": "correct horse battery"}"#),
    case("POST /api/auth/login", "/api/auth/login", Everyone, Theirs)
        .body(r#"{"email": "owner-MARK@example.com", "password": "correct horse battery"}"#)
        .also(&[401]),
    case(
        "POST /api/auth/logout",
        "/api/auth/logout",
        Everyone,
        Theirs,
    ),
    case(
        "POST /api/auth/refresh",
        "/api/auth/refresh",
        Everyone,
        Theirs,
    )
    .also(&[401]),
    case("GET /api/auth/me", "/api/auth/me", SignedIn, Theirs),
    case("POST /api/auth/guest", "/api/auth/guest", Everyone, Theirs),
    case(
        "POST /api/auth/forgot-password",
        "/api/auth/forgot-password",
        Everyone,
        Theirs,
    )
    .body(r#"{"email": "owner-MARK@example.com"}"#),
    case(
        "POST /api/auth/reset-password",
        "/api/auth/reset-password",
        Everyone,
        Theirs,
    )
    .body(r#"{"token": "x", "password": "correct horse battery"}"#)
    .also(&[422]),
    case(
        "POST /api/auth/verify-email",
        "/api/auth/verify-email",
        Everyone,
        Theirs,
    )
    .body(r#"{"token": "x"}"#)
    .also(&[422]),
    case(
        "POST /api/auth/resend-verification",
        "/api/auth/resend-verification",
        Account,
        Theirs,
    )
    .also(&[409]),
    case("GET /api/auth/config", "/api/auth/config", Everyone, Theirs),
    case(
        "GET /api/auth/google/start",
        "/api/auth/google/start",
        Everyone,
        Theirs,
    )
    .also(&[424]),
    case(
        "GET /api/auth/google/callback",
        "/api/auth/google/callback?code=x&state=x",
        Everyone,
        Theirs,
    )
    .also(&[424]),
    // Organizations
    case("GET /api/audit", "/api/audit", ADMIN, Theirs),
    case("GET /api/orgs", "/api/orgs", SignedIn, Theirs),
    case("POST /api/orgs", "/api/orgs", Account, Theirs).body(r#"{"name": "New"}"#),
    case("GET /api/orgs/active", "/api/orgs/active", MEMBER, Theirs),
    case(
        "POST /api/orgs/switch",
        "/api/orgs/switch",
        SignedIn,
        Hidden,
    )
    .body(r#"{"organization_id": "ORGANIZATION"}"#),
    case(
        "GET /api/orgs/{id}",
        "/api/orgs/ORGANIZATION",
        MEMBER,
        Hidden,
    ),
    case(
        "PATCH /api/orgs/{id}",
        "/api/orgs/ORGANIZATION",
        ADMIN,
        Hidden,
    )
    .body(r#"{"name": "Changed"}"#),
    case(
        "DELETE /api/orgs/{id}",
        "/api/orgs/ORGANIZATION",
        OWNER,
        Hidden,
    ),
    case(
        "GET /api/orgs/{id}/members",
        "/api/orgs/ORGANIZATION/members",
        MEMBER,
        Hidden,
    ),
    case(
        "PATCH /api/orgs/{id}/members/{user_id}",
        "/api/orgs/ORGANIZATION/members/COLLEAGUE",
        ADMIN,
        Hidden,
    )
    .body(r#"{"role": "admin"}"#),
    case(
        "PATCH /api/orgs/{id}/members/{user_id}",
        "/api/orgs/ORGANIZATION/members/COLLEAGUE",
        OWNER,
        Hidden,
    )
    .body(r#"{"role": "owner"}"#),
    case(
        "DELETE /api/orgs/{id}/members/{user_id}",
        "/api/orgs/ORGANIZATION/members/COLLEAGUE",
        ADMIN,
        Hidden,
    ),
    case(
        "GET /api/orgs/{id}/invitations",
        "/api/orgs/ORGANIZATION/invitations",
        ADMIN,
        Hidden,
    ),
    case(
        "POST /api/orgs/{id}/invitations",
        "/api/orgs/ORGANIZATION/invitations",
        INVITES,
        Hidden,
    )
    .body(r#"{"email": "new@example.com", "role": "member"}"#),
    case(
        "DELETE /api/orgs/{id}/invitations/{invitation_id}",
        "/api/orgs/ORGANIZATION/invitations/INVITATION",
        ADMIN,
        Hidden,
    ),
    case(
        "GET /api/invitations/preview",
        "/api/invitations/preview?token=LETTER",
        Everyone,
        Theirs,
    )
    .shows(),
    // LETTER is for somebody else; INVITED is for whoever of us asks.
    case(
        "POST /api/invitations/accept",
        "/api/invitations/accept",
        Account,
        Refused(403),
    )
    .body(r#"{"token": "INVITED"}"#),
    // Agents
    case("GET /api/agents", "/api/agents", MEMBER, Theirs),
    case("POST /api/agents", "/api/agents", ADMIN, Theirs).body(r#"{"name": "New"}"#),
    case("GET /api/agents/{id}", "/api/agents/AGENT", MEMBER, Hidden),
    case("PATCH /api/agents/{id}", "/api/agents/AGENT", ADMIN, Hidden)
        .body(r#"{"name": "Changed"}"#),
    case(
        "DELETE /api/agents/{id}",
        "/api/agents/AGENT",
        ADMIN,
        Hidden,
    ),
    case("DELETE /api/agents/{id}", "/api/agents/IDLE", ADMIN, Hidden),
    // Customers
    case("GET /api/customers", "/api/customers", MEMBER, Theirs),
    case("POST /api/customers", "/api/customers", MEMBER, Theirs).body(r#"{"name": "New"}"#),
    case(
        "GET /api/customers/{id}",
        "/api/customers/CUSTOMER",
        MEMBER,
        Hidden,
    ),
    case(
        "PATCH /api/customers/{id}",
        "/api/customers/CUSTOMER",
        MEMBER,
        Hidden,
    )
    .body(r#"{"name": "Changed"}"#),
    case(
        "DELETE /api/customers/{id}",
        "/api/customers/CUSTOMER",
        ADMIN,
        Hidden,
    ),
    // Calls. Twilio is configured and does not answer: 424.
    case("GET /api/calls", "/api/calls", MEMBER, Theirs),
    case(
        "GET /api/calls",
        "/api/calls?agent_id=AGENT&customer_id=CUSTOMER&q=MARK",
        MEMBER,
        Theirs,
    ),
    case("GET /api/calls/{id}", "/api/calls/CALL", MEMBER, Hidden),
    case(
        "GET /api/calls/{id}/recording",
        "/api/calls/CALL/recording",
        MEMBER,
        Hidden,
    ),
    case("GET /api/calls/active", "/api/calls/active", MEMBER, Theirs),
    case("GET /api/calls/events", "/api/calls/events", MEMBER, Theirs),
    case(
        "GET /api/calls/{id}/events",
        "/api/calls/CALL/events",
        MEMBER,
        Hidden,
    ),
    case("POST /api/calls/start", "/api/calls/start", CALLS, Hidden)
        .body(r#"{"agent_id": "AGENT", "to": "+14155551234"}"#)
        .also(&[424]),
    case("POST /api/calls/start", "/api/calls/start", CALLS, Hidden)
        .body(r#"{"agent_id": "AGENT", "customer_id": "CUSTOMER"}"#)
        .also(&[424]),
    case(
        "POST /api/calls/{id}/hangup",
        "/api/calls/CALL/hangup",
        CALLS,
        Hidden,
    )
    .also(&[424]),
    case(
        "POST /api/calls/twilio-status",
        "/api/calls/twilio-status?call=CALL",
        May::Signature,
        Theirs,
    )
    .body("CallSid=CA0&CallStatus=completed"),
    case(
        "POST /api/calls/twilio-amd",
        "/api/calls/twilio-amd?call=CALL",
        May::Signature,
        Theirs,
    )
    .body("CallSid=CA0&AnsweredBy=human"),
    case(
        "GET /api/calls/socket",
        "/api/calls/socket?agent_id=AGENT",
        MEMBER,
        Hidden,
    )
    .also(&[400]),
    case(
        "GET /api/calls/socket",
        "/api/calls/socket?agent_id=AGENT&customer_id=CUSTOMER",
        MEMBER,
        Hidden,
    )
    .also(&[400]),
    case(
        "POST /api/twiml/{agent_id}",
        "/api/twiml/AGENT?call=CALL",
        May::Signature,
        Theirs,
    )
    .body("CallSid=CA0"),
    case(
        "GET /api/twiml/{agent_id}",
        "/api/twiml/AGENT?CallSid=CA0",
        May::Signature,
        Theirs,
    ),
    // Calls from browsers. Offers that are none come to nothing, for those who were let in.
    case("POST /api/offer", "/api/offer", MEMBER, Hidden)
        .body(r#"{"sdp": "x", "type": "offer", "agent_id": "AGENT"}"#)
        .also(&[422]),
    case("PATCH /api/offer", "/api/offer", Everyone, Theirs)
        .body(r#"{"pc_id": "00000000-0000-4000-8000-000000000000", "candidates": []}"#)
        .also(&[404]),
    case("DELETE /api/offer", "/api/offer", SignedIn, Theirs)
        .body(r#"{"pc_id": "00000000-0000-4000-8000-000000000000"}"#)
        .also(&[404]),
];
