//! HTTP/2 frames and header blocks as bytes, right or wrong as they are asked for
//! (RFC 9113, RFC 7541).

/// What a client says first.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// A frame of what it says.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame_of_length(u32::try_from(payload.len()).unwrap(), kind, flags, stream, payload)
}

/// A frame that says it has `length` bytes.
pub(super) fn frame_of_length(
    length: u32,
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &[u8],
) -> Vec<u8> {
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Preface and empty settings, and then these.
pub(super) fn greeted(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = PREFACE.to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    bytes.extend(frames.concat());
    bytes
}

/// A header field, literally and without being remembered.
pub(super) fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        field.extend(integer(text.len(), 7, 0));
        field.extend(text);
    }
    field
}

/// An integer with a prefix of so many bits (RFC 7541, section 5.1).
pub(super) fn integer(number: usize, bits: u32, first: u8) -> Vec<u8> {
    let limit = (1 << bits) - 1;
    if number < limit {
        return vec![first | u8::try_from(number).unwrap()];
    }
    let mut bytes = vec![first | u8::try_from(limit).unwrap()];
    let mut rest = number - limit;
    while rest >= 128 {
        bytes.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

/// The headers of a call, and more.
pub(super) fn headers_of(path: &str, more: &[(&[u8], &[u8])]) -> Vec<u8> {
    let usual: [(&[u8], &[u8]); 6] = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.as_bytes()),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ];
    let fields = usual.iter().chain(more).map(|(name, value)| field(name, value));
    fields.collect::<Vec<_>>().concat()
}

/// A call whose body is these bytes, in frames that a server takes.
pub(super) fn call(stream: u32, path: &str, more: &[(&[u8], &[u8])], body: &[u8]) -> Vec<u8> {
    let mut bytes = frame(HEADERS, END_HEADERS, stream, &headers_of(path, more));
    let mut chunks = body.chunks(16_384).peekable();
    while let Some(chunk) = chunks.next() {
        let flags = if chunks.peek().is_none() { END_STREAM } else { 0 };
        bytes.extend(frame(DATA, flags, stream, chunk));
    }
    if body.is_empty() {
        bytes.extend(frame(DATA, END_STREAM, stream, &[]));
    }
    bytes
}

/// A message after the five bytes that a message has before it.
pub(super) fn message(flag: u8, length: u32, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![flag];
    message.extend(length.to_be_bytes());
    message.extend(bytes);
    message
}

/// A call that sends all of a message but its last byte, and does not end.
pub(super) fn unfinished(path: &str, length: u32) -> Vec<u8> {
    let body = message(0, length, &vec![0; length as usize - 1]);
    // Before the server's settings are confirmed, its windows are not as large as they say.
    let confirmed = frame(SETTINGS, 1, 0, &[]);
    let mut frames = vec![confirmed, frame(HEADERS, END_HEADERS, 1, &headers_of(path, &[]))];
    frames.extend(body.chunks(16_384).map(|chunk| frame(DATA, 0, 1, chunk)));
    greeted(&frames)
}
