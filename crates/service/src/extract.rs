//! `Json`, `Query` and `Path` as axum has them, but refusing with the envelope.

use crate::error::ApiError;
use api::ErrorCode;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest JSON body in bytes; audio never travels in JSON.
const JSON_LIMIT: usize = 1024 * 1024;

/// A JSON body of at most 1 MiB, or a JSON answer.
///
/// 415 without `application/json`, 400 `malformed_json` when it is not JSON, 422 naming the
/// field when a value has the wrong type or is missing.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_json(request, JSON_LIMIT).await.map(Json)
    }
}

impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = ApiError;

    /// `None` for an empty body, whatever its type is said to be.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(Request::new(body), JSON_LIMIT).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let request = Request::from_parts(parts, Body::from(bytes));
        let json = <Self as FromRequest<S>>::from_request(request, state);
        json.await.map(Some)
    }
}

/// A JSON body of at most `BYTES`, refused as [`Json`] refuses it.
#[derive(Debug, Clone, Copy)]
pub struct JsonUpTo<T, const BYTES: usize>(pub T);

impl<T: DeserializeOwned, S: Sync, const BYTES: usize> FromRequest<S> for JsonUpTo<T, BYTES> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_json(request, BYTES).await.map(JsonUpTo)
    }
}

async fn read_json<T: DeserializeOwned>(request: Request, limit: usize) -> Result<T, ApiError> {
    if !is_json(request.headers()) {
        return Err(ApiError::new(
            ErrorCode::UnsupportedMediaType,
            "The body must be `application/json`.",
        ));
    }
    parse_json(&read(request, limit).await?)
}

async fn read(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large(limit as u64)),
        Err(error) => Err(ApiError::from_body(error)),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse_json<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let malformed = |error: &serde_json::Error| {
        ApiError::new(
            ErrorCode::MalformedJson,
            format!("The body is not JSON: {error}."),
        )
    };
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => wrong_value(&path, &error.inner().to_string()),
            _ => malformed(error.inner()),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// A query string. 422 naming the parameter when a value cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        let parsed = serde_path_to_error::deserialize(reader);
        parsed
            .map(Query)
            .map_err(|error| wrong_value(&error.path().to_string(), &error.inner().to_string()))
    }
}

/// Parameters of the path. What cannot be read names nothing, hence 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parsed = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        parsed.map(|path| Path(path.0)).map_err(|rejection| {
            ApiError::not_found("There is nothing at this address.").with_source(rejection)
        })
    }
}

/// 422 from serde's words: the field is its path, or the one it misses.
fn wrong_value(path: &str, reason: &str) -> ApiError {
    let missing = reason
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) if path == "." => ApiError::missing_parameter(field),
        Some(field) => ApiError::missing_parameter(format!("{path}.{field}")),
        None if path == "." => ApiError::new(
            ErrorCode::InvalidParameter,
            format!("The request is wrong: {reason}."),
        ),
        None => ApiError::invalid_parameter(path, format!("`{path}` is wrong: {reason}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Input {
        name: String,
        days: Option<u32>,
    }

    async fn json(body: &str) -> Result<Json<Input>, ApiError> {
        let request = Request::builder().header("content-type", "application/json; charset=utf-8");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        <Json<Input> as FromRequest<()>>::from_request(request, &()).await
    }

    #[tokio::test]
    async fn broken_json_is_400_and_a_wrong_value_is_422_with_its_field() {
        assert_eq!(json("{").await.unwrap_err().code, ErrorCode::MalformedJson);
        assert_eq!(
            json(r#"{"name":"a"} x"#).await.unwrap_err().code,
            ErrorCode::MalformedJson
        );
        let error = json(r#"{"name":"a","days":"x"}"#).await.unwrap_err();
        assert_eq!(
            (error.code, error.param.as_deref()),
            (ErrorCode::InvalidParameter, Some("days"))
        );
        let error = json("{}").await.unwrap_err();
        assert_eq!(
            (error.code, error.param.as_deref()),
            (ErrorCode::MissingParameter, Some("name"))
        );
    }

    #[tokio::test]
    async fn a_body_of_another_type_is_415() {
        let request = Request::new(Body::from("{}"));
        let json = <Json<Input> as FromRequest<()>>::from_request(request, &()).await;
        assert_eq!(json.unwrap_err().code, ErrorCode::UnsupportedMediaType);
    }

    #[tokio::test]
    async fn a_body_that_may_be_left_out_may_not_be_something_else() {
        let optional = async |body: &'static str| {
            let request = Request::new(Body::from(body));
            <Json<Input> as OptionalFromRequest<()>>::from_request(request, &()).await
        };
        assert!(optional("").await.unwrap().is_none());
        assert_eq!(
            optional("name=a").await.unwrap_err().code,
            ErrorCode::UnsupportedMediaType
        );
    }

    #[tokio::test]
    async fn a_json_body_over_a_mebibyte_is_413() {
        let error = json(&" ".repeat(JSON_LIMIT + 1)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::BodyTooLarge);
    }

    #[tokio::test]
    async fn a_wrong_query_parameter_is_named() {
        let (mut parts, ()) = Request::builder()
            .uri("/?name=a&days=-1")
            .body(())
            .unwrap()
            .into_parts();
        let error = Query::<Input>::from_request_parts(&mut parts, &())
            .await
            .unwrap_err();
        assert_eq!(error.param.as_deref(), Some("days"));
    }
}
