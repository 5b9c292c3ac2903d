use super::*;

fn of_request(fields: &[(&str, &str)]) -> Result<Framing, BodyError> {
    Framing::of_request(&Request {
        headers: fields.iter().copied().map(owned).collect(),
        ..Request::get("/")
    })
}

fn of_response(status: u16, method: &str, fields: &[(&str, &str)]) -> Result<Framing, BodyError> {
    let headers = fields.iter().copied().map(owned).collect();
    Framing::of_response(&Response { headers, ..Response::new(status) }, method)
}

fn owned((name, value): (&str, &str)) -> (alloc::string::String, alloc::string::String) {
    (name.into(), value.into())
}

#[test]
fn a_body_has_one_length() {
    assert_eq!(of_request(&[]), Ok(Framing::Length(0)));
    assert_eq!(of_request(&[("Content-Length", "18446744073709551615")]), Ok(Framing::Length(u64::MAX)));
    assert_eq!(of_request(&[("Transfer-Encoding", "Chunked")]), Ok(Framing::Chunked));
    let both = [("content-length", "1"), ("transfer-encoding", "chunked")];
    assert_eq!(of_request(&both), Err(BodyError::TwoLengths));
    let twice = [("content-length", "1"), ("content-length", "1")];
    assert_eq!(of_request(&twice), Err(BodyError::ContentLengthRepeated));
    let twice = [("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")];
    assert_eq!(of_request(&twice), Err(BodyError::TransferEncoding));
}

#[test]
fn a_response_may_end_with_the_stream() {
    assert_eq!(of_response(200, "GET", &[]), Ok(Framing::UntilEof));
    assert_eq!(of_response(200, "GET", &[("Content-Length", "3")]), Ok(Framing::Length(3)));
    assert_eq!(of_response(404, "POST", &[("Transfer-Encoding", "chunked")]), Ok(Framing::Chunked));
}

#[test]
fn some_responses_never_have_a_body() {
    let long = [("Content-Length", "3")];
    for (status, method) in
        [(101, "GET"), (103, "GET"), (204, "GET"), (304, "GET"), (200, "HEAD"), (200, "CONNECT")]
    {
        let framing = of_response(status, method, &long).unwrap();
        assert!(framing.is_empty(), "{status} to {method}");
    }
    assert_eq!(of_response(403, "CONNECT", &long), Ok(Framing::Length(3)));
}
