//! The tables of hostile inputs: of no protocol, of HTTP/2, of header blocks, of gRPC, and floods.

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, call, field, frame, frame_of_length, greeted, headers_of, integer, message,
    unfinished,
};

/// How a connection goes on when its input is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// We say that no more comes, and read to the end.
    Shut,
    /// It stays open until all inputs are sent.
    Held,
    /// We say nothing more, and the server has to end it.
    Cut,
}

/// Bytes that a client sends.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
}

impl Input {
    pub(super) fn new(name: impl Into<String>, bytes: Vec<u8>, end: End) -> Self {
        Self { name: name.into(), bytes, end }
    }
}

/// All inputs for a server with these methods.
pub(super) fn all(paths: &[String]) -> Vec<Input> {
    let mut inputs = no_protocol();
    inputs.extend(bad_frames(&paths[0]));
    inputs.extend(bad_headers(&paths[0]));
    inputs.extend(paths.iter().flat_map(|path| bad_messages(path)));
    inputs.extend(floods(&paths[0]));
    inputs
}

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn no_protocol() -> Vec<Input> {
    let texts: [(&str, &[u8]); 14] = [
        ("http/1.0", b"GET / HTTP/1.0\r\n\r\n"),
        ("http/1.1", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("http/1.1 post", b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"),
        ("chunks", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"),
        ("connect", b"CONNECT localhost:22 HTTP/1.1\r\n\r\n"),
        ("upgrade", b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n"),
        ("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"),
        ("sslv2", b"\x80\x2E\x01\x00\x02\x00\x15\x00\x00\x00\x10"),
        ("ssh", b"SSH-2.0-OpenSSH_9.9\r\n"),
        ("redis", b"*1\r\n$4\r\nPING\r\n"),
        ("proxy", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
        ("null", b"\0"),
        ("newlines", b"\r\n\r\n\r\n\r\n"),
        ("preface of another version", b"PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n"),
    ];
    let mut inputs: Vec<_> =
        texts.iter().map(|(name, text)| Input::new(*name, text.to_vec(), End::Shut)).collect();
    for length in [1, 9, 24, 33, 1_000, 100_000] {
        inputs.push(Input::new("noise", noise(length, length as usize), End::Shut));
        let after = [PREFACE, &noise(length, length as usize)].concat();
        inputs.push(Input::new("noise after the preface", after, End::Shut));
    }
    for length in [0, 1, 12, 23, 24] {
        inputs.push(Input::new("a part of the preface", PREFACE[..length].to_vec(), End::Cut));
    }
    inputs.push(Input::new("zeros", vec![0; 1 << 20], End::Shut));
    inputs.push(Input::new("an endless line", vec![b'A'; 1 << 20], End::Shut));
    inputs
}

fn bad_frames(path: &str) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut add = |name: String, frames: &[Vec<u8>]| {
        inputs.push(Input::new(name, greeted(frames), End::Shut));
    };
    // Every kind of frame, also those that there are not, with too little, too much, and where it
    // does not belong.
    for kind in 0..=11 {
        for (stream, length) in [(0, 1), (1, 3), (2, 7)] {
            add(format!("frame {kind} on {stream}"), &[frame(kind, 0, stream, &vec![0; length])]);
        }
        add(format!("frame {kind} with all flags"), &[frame(kind, 0xFF, 1, &[0xFF; 40])]);
        add(format!("frame {kind} of 16 MiB"), &[frame_of_length(0xFF_FFFF, kind, 0, 1, &[0; 99])]);
    }
    for id in 0..=8_u8 {
        let setting = [0, id, 0xFF, 0xFF, 0xFF, 0xFF];
        add(format!("setting {id}"), &[frame(SETTINGS, 0, 0, &setting)]);
    }
    add("settings that are confirmed with settings".into(), &[frame(SETTINGS, 1, 0, &[0; 6])]);
    add("a window of nothing".into(), &[frame(WINDOW_UPDATE, 0, 0, &[0; 4])]);
    let most = 0x7FFF_FFFF_u32.to_be_bytes();
    add("a window of too much".into(), &[frame(WINDOW_UPDATE, 0, 0, &most)]);
    let headers = headers_of(path, &[]);
    let open = || frame(HEADERS, END_HEADERS, 1, &headers);
    add("a window of too much for a call".into(), &[open(), frame(WINDOW_UPDATE, 0, 1, &most)]);
    add("a call twice".into(), &[open(), open()]);
    add("a call backwards".into(), &[frame(HEADERS, END_HEADERS, 5, &headers), open()]);
    add("padding of more than there is".into(), &[frame(HEADERS, END_HEADERS | 8, 1, &[255, 1])]);
    let data = frame(DATA, END_STREAM, 1, &[0; 5]);
    add("data after the end".into(), &[open(), data.clone(), data]);
    add("headers cut by data".into(), &[frame(HEADERS, 0, 1, &headers), frame(DATA, 0, 1, &[0])]);
    add("trailers without an end".into(), &[open(), open(), frame(DATA, 0, 1, &[0; 9])]);
    inputs
}

fn bad_headers(path: &str) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut add = |name: &str, block: Vec<u8>| {
        // In as many frames as it takes: a frame has 16 KiB.
        let mut parts = block.chunks(16_384).peekable();
        let (mut frames, mut kind) = (Vec::new(), HEADERS);
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_none() { END_HEADERS } else { 0 };
            frames.push(frame(kind, flags, 1, part));
            kind = CONTINUATION;
        }
        inputs.push(Input::new(name, greeted(&frames), End::Shut));
    };
    let usual = || headers_of(path, &[]);
    let many: Vec<u8> =
        (0..10_000).flat_map(|at| field(format!("h{at}").as_bytes(), b"v")).collect();
    add("ten thousand headers", [usual(), many].concat());
    add("a header of a MiB", headers_of(path, &[(b"x", &vec![b'v'; 1 << 20])]));
    add("a name of 100 KiB", headers_of(path, &[(&vec![b'n'; 100 << 10], b"v")]));
    add("a path of 100 KiB", headers_of(&format!("/{}", "p".repeat(100 << 10)), &[]));
    // An entry of 4,000 bytes is remembered, and then named a hundred thousand times by one byte.
    let mut bomb = vec![0x40];
    bomb.extend(field(b"bomb", &vec![b'v'; 4_000]).split_off(1));
    add("a bomb of references", [usual(), bomb, vec![0x80 | 62; 100_000]].concat());
    add("a reference to nothing", [usual(), integer(1_000_000, 7, 0x80)].concat());
    add("a reference without end", [usual(), vec![0xFF; 64]].concat());
    add("a table of 4 GiB", [integer(0xFFFF_FFFF, 5, 0x20), usual()].concat());
    add("a text of 4 GiB", [usual(), vec![0, 1, b'x'], integer(0xFFFF_FFFF, 7, 0)].concat());
    add("bad huffman codes", [usual(), vec![0, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0]].concat());
    for (name, value) in [
        (&b"Upper"[..], &b"v"[..]),
        (b"", b"v"),
        (b"x\0y", b"v"),
        (b"x y", b"v"),
        (b"x", b"a\r\nb: c"),
        (b"x", b"\xFF\xFE"),
        (b":unknown", b"v"),
        (b":path", b"/again"),
        (b":status", b"200"),
        (b"connection", b"keep-alive"),
        (b"transfer-encoding", b"chunked"),
        (b"content-length", b"-1"),
        (b"content-length", b"99999999999999999999"),
        (b"grpc-timeout", b"99999999999999H"),
        (b"grpc-timeout", b"0n"),
        (b"grpc-timeout", b"\xD9\xA3S"),
        (b"grpc-encoding", b"gzip"),
        (b"grpc-encoding", b"bomb"),
        (b"authorization", b"Bearer \xFF\xFF"),
        (b"x-api-key", b""),
        (b"x-hawiya-caller", b"root"),
        (b"traceparent", b"00-zz-zz-zz"),
    ] {
        add("a bad header", headers_of(path, &[(name, value)]));
    }
    add("nothing", Vec::new());
    add("no path", [field(b":method", b"POST"), field(b":scheme", b"http")].concat());
    for method in ["GET", "CONNECT", "PRI", "\0"] {
        let fields = [field(b":method", method.as_bytes()), field(b":path", path.as_bytes())];
        add("another method", fields.concat());
    }
    for path in ["", "*", "/", "//", "/../..", "/a/b/c/d", "/%00", "/\u{202E}", "http://[::"] {
        add("a path of nobody", headers_of(path, &[]));
    }
    inputs
}

/// A field of a message that holds bytes.
fn holds(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut held = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 128 {
        held.push(u8::try_from(length % 128).unwrap() | 128);
        length /= 128;
    }
    held.push(u8::try_from(length).unwrap());
    held.extend(bytes);
    held
}

fn bad_messages(path: &str) -> Vec<Input> {
    let whole = |bytes: &[u8]| message(0, u32::try_from(bytes.len()).unwrap(), bytes);
    let nested = (0..2_000).fold(Vec::new(), |inner, _| holds(1, &inner));
    let groups = [vec![0x0B; 10_000], vec![0x0C; 10_000]].concat();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("half a prefix", vec![0, 0, 0]),
        ("less than it says", message(0, 100, &[10, 98])),
        ("4 GiB", message(0, u32::MAX, &[10, 1])),
        ("a byte over the limit", message(0, (4 << 20) + 1, &[0; 100])),
        ("compressed with nothing", message(1, 3, &[1, 2, 3])),
        ("a flag of nothing", message(0x7F, 3, &[1, 2, 3])),
        ("numbers for texts", whole(&[8, 1, 16, 2, 24, 3])),
        ("64 bits for texts", whole(&[9, 1, 2, 3, 4, 5, 6, 7, 8])),
        ("no text", whole(&holds(1, b"\xFF\xFE\xC0\x80"))),
        ("no text below", whole(&holds(1, &holds(1, b"\xED\xA0\x80")))),
        ("two thousand levels", whole(&nested)),
        ("groups in groups", whole(&groups)),
        (
            "a number without end",
            whole(&[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ),
        ("a length beyond the end", whole(&[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F])),
        ("field 0", whole(&[0x02, 0x01, 0x00])),
        ("wire type 7", whole(&[0x0F, 0x01])),
        ("unknown fields of a MiB", whole(&holds(15, &vec![0; 1 << 20]))),
        ("a hundred thousand empty items", whole(&[0x0A, 0x00].repeat(100_000))),
        ("noise", whole(&noise(7, 4_096))),
        ("two messages for one", [whole(&[]), whole(&[])].concat()),
        ("a thousand empty messages", whole(&[]).repeat(1_000)),
    ];
    let named = |(name, body): (&str, Vec<u8>)| {
        let bytes = greeted(&[call(1, path, &[], &body)]);
        Input::new(format!("{path}: {name}"), bytes, End::Shut)
    };
    let mut inputs: Vec<_> = bodies.into_iter().map(named).collect();
    let gzip =
        greeted(&[call(1, path, &[(b"grpc-encoding", b"gzip")], &message(1, 20, &noise(9, 20)))]);
    inputs.push(Input::new(format!("{path}: no gzip"), gzip, End::Shut));
    let begun = greeted(&[frame(HEADERS, END_HEADERS, 1, &headers_of(path, &[]))]);
    inputs.push(Input::new(format!("{path}: begun and left"), begun.clone(), End::Shut));
    inputs.push(Input::new(format!("{path}: begun and held"), begun, End::Held));
    inputs.push(Input::new(
        format!("{path}: never finished"),
        unfinished(path, 200_000),
        End::Held,
    ));
    inputs
}

fn floods(path: &str) -> Vec<Input> {
    let headers = headers_of(path, &[]);
    let open = |stream: u32| frame(HEADERS, END_HEADERS, stream, &headers);
    let streams = |count: u32| (0..count).map(|at| 2 * at + 1);
    let reset = |stream: u32| [open(stream), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat();
    let wrong = |stream: u32| [open(stream), frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat();
    let quick = |stream: u32| call(stream, path, &[], &message(0, 0, &[]));
    let mut begun = vec![frame(HEADERS, 0, 1, &headers)];
    begun.extend(vec![frame(CONTINUATION, 0, 1, &[]); 20_000]);
    let mut growing = vec![frame(HEADERS, 0, 1, &headers)];
    growing.extend(vec![frame(CONTINUATION, 0, 1, &field(b"x", &[b'v'; 1_000])); 2_000]);
    let all: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("calls that are taken back", streams(5_000).map(reset).collect()),
        ("calls that have to be reset", streams(5_000).map(wrong).collect()),
        ("calls that are begun", streams(5_000).map(open).collect()),
        ("calls that are not read", streams(500).map(quick).collect()),
        ("pings", vec![frame(PING, 0, 0, &[0; 8]); 50_000]),
        ("settings", vec![frame(SETTINGS, 0, 0, &[]); 20_000]),
        ("settings that change", vec![frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 1, 0]); 20_000]),
        ("windows", vec![frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]); 50_000]),
        ("nothing for a call", [vec![open(1)], vec![frame(DATA, 0, 1, &[]); 50_000]].concat()),
        (
            "padding",
            [
                vec![open(1)],
                vec![frame(DATA, 8, 1, &[[200].as_slice(), &[0; 200]].concat()); 5_000],
            ]
            .concat(),
        ),
        ("continuations of nothing", begun),
        ("continuations that grow", growing),
        ("priorities", vec![frame(2, 0, 1, &[0, 0, 0, 3, 9]); 20_000]),
        ("kinds that there are not", vec![frame(200, 0, 0, &[0; 32]); 20_000]),
    ];
    let mut inputs: Vec<_> = all
        .into_iter()
        .map(|(name, frames)| Input::new(name, greeted(&frames), End::Shut))
        .collect();
    for at in 0..50_u8 {
        // A greeting, something that tells them apart, and silence.
        let quiet = greeted(&[frame(PING, 0, 0, &[at; 8])]);
        inputs.push(Input::new("silence", quiet, End::Held));
    }
    inputs
}
