//! `/api/customers`: who calls, or is called.

use crate::address::Client;
use crate::calls::audit_reading;
use crate::erasure;
use crate::failure;
use crate::input;
use crate::listing::{listing, paging};
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::customers::{Customer, CustomerPatch, DeleteQuery, Erased, NewCustomer};
use api::ids::CustomerId;
use api::page::{Listing, PageQuery};
use api::{ErrorEnvelope, Role};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;
use service::{ApiResult, Json, Path, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
}

/// The customers of the organization, newest first.
#[utoipa::path(get, path = "/api/customers", tag = "Customers", params(PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<Customer>), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<Customer>>> {
    let page = member.tenant(&state).customers(paging(&query)?).await;
    let page = page.map_err(failure::of("customer"))?;
    audit_reading(&state, &member, client, "customers.listed", json!({})).await?;
    Ok(Json(listing(&query, page, wire)))
}

/// Makes a customer record.
#[utoipa::path(post, path = "/api/customers", tag = "Customers", request_body = NewCustomer, security(("session" = [])),
    responses((status = 201, body = Customer),
        (status = 409, body = ErrorEnvelope, description = "`phone_number_taken`"),
        Failures, SessionFailures, BodyFailures))]
async fn create(
    State(state): State<AppState>,
    member: Member,
    Json(body): Json<NewCustomer>,
) -> ApiResult<(StatusCode, Json<Customer>)> {
    let number = input::given(body.phone_number);
    let email = input::given(body.email);
    let new = data_model::NewCustomer {
        name: name(&body.name)?,
        phone_number: number.as_deref().map(phone_number).transpose()?,
        email: email.as_deref().map(self::email).transpose()?,
        metadata: input::object("metadata", body.metadata.unwrap_or_default())?,
    };
    let customer = member.tenant(&state).add_customer(&new).await;
    let customer = customer.map_err(failure::of("customer"))?;
    Ok((StatusCode::CREATED, Json(wire(customer))))
}

/// One customer.
#[utoipa::path(get, path = "/api/customers/{id}", tag = "Customers", params(("id" = CustomerId, Path)), security(("session" = [])),
    responses((status = 200, body = Customer), (status = 404, body = ErrorEnvelope), Failures, SessionFailures))]
async fn get(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CustomerId>,
) -> ApiResult<Json<Customer>> {
    let customer = member.tenant(&state).customer(id).await;
    let customer = customer.map_err(failure::of("customer"))?;
    let details = json!({ "customer_id": id });
    audit_reading(&state, &member, client, "customer.read", details).await?;
    Ok(Json(wire(customer)))
}

/// Changes what is given of a customer.
#[utoipa::path(patch, path = "/api/customers/{id}", tag = "Customers", params(("id" = CustomerId, Path)),
    request_body = CustomerPatch, security(("session" = [])),
    responses((status = 200, body = Customer), (status = 404, body = ErrorEnvelope),
        (status = 409, body = ErrorEnvelope, description = "`phone_number_taken`"),
        Failures, SessionFailures, BodyFailures))]
async fn change(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CustomerId>,
    Json(body): Json<CustomerPatch>,
) -> ApiResult<Json<Customer>> {
    let metadata = body
        .metadata
        .map(|object| input::object("metadata", object));
    let change = data_model::CustomerChange {
        name: body.name.as_deref().map(name).transpose()?,
        phone_number: input::nullable(body.phone_number, phone_number)?,
        email: input::nullable(body.email, email)?,
        metadata: metadata.transpose()?,
    };
    let details = json!({ "customer_id": id });
    audit_reading(&state, &member, client, "customer.read", details).await?;
    let customer = member.tenant(&state).change_customer(id, &change).await;
    Ok(Json(wire(customer.map_err(failure::of("customer"))?)))
}

/// Takes a customer away, for admins and owners; their calls stay. With `erase=true` everything goes
/// that is kept of them: their calls, also those before the gateway knew whose number it was, with
/// transcripts, summaries and recordings. The audit log keeps that it happened, not who they were.
#[utoipa::path(delete, path = "/api/customers/{id}", tag = "Customers", params(("id" = CustomerId, Path), DeleteQuery), security(("session" = [])),
    responses((status = 204), (status = 200, body = Erased, description = "With `erase=true`: what went"),
        (status = 404, body = ErrorEnvelope),
        (status = 409, body = ErrorEnvelope, description = "`conflict`: a call with them goes on"),
        Failures, SessionFailures))]
async fn delete(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CustomerId>,
    Query(query): Query<DeleteQuery>,
) -> ApiResult<Response> {
    member.require(Role::Admin)?;
    if query.erase {
        let erased = erasure::erase(&state, &member, client, id).await?;
        return Ok(Json(erased).into_response());
    }
    let deleted = member.tenant(&state).delete_customer(id).await;
    deleted.map_err(failure::of("customer"))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn name(text: &str) -> ApiResult<String> {
    input::line("name", text, 1..=128)
}

fn phone_number(text: &str) -> ApiResult<String> {
    input::phone_number("phone_number", text)
}

fn email(text: &str) -> ApiResult<String> {
    input::email("email", text)
}

fn wire(customer: data_model::Customer) -> Customer {
    Customer {
        id: customer.id,
        name: customer.name,
        phone_number: customer.phone_number,
        email: customer.email,
        metadata: crate::listing::object(customer.metadata),
        created_at: customer.created_at,
        updated_at: customer.updated_at,
    }
}
