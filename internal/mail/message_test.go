package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var when = time.Date(2026, 11, 3, 7, 5, 9, 0, time.FixedZone("", 3600))

func welcome() Message {
	return Message{
		ID: "k3f9.confirm@journal.example", Date: when,
		From:    netmail.Address{Name: "The Meridian Review", Address: "post@journal.example"},
		ReplyTo: netmail.Address{Address: "editors@journal.example"},
		To:      netmail.Address{Name: "Žofie Nováková", Address: "zofie@pošta.example"},
		Subject: "Your code is 123456",
		Text:    "Your code is 123456.\n\nThe Meridian Review — Prague\n",
		HTML:    "<p>Your code is <b>123456</b>.</p>",
		Headers: []Header{{"X-Entity-Ref-ID", "k3f9"}},
	}
}

func TestMessageAsWritten(t *testing.T) {
	const want = `Date: Tue, 03 Nov 2026 07:05:09 +0100
From: The Meridian Review <post@journal.example>
Reply-To: editors@journal.example
To: =?UTF-8?B?xb1vZmllIE5vdsOha292w6E=?= <zofie@xn--pota-h6a.example>
Message-ID: <k3f9.confirm@journal.example>
Subject: Your code is 123456
Auto-Submitted: auto-generated
X-Entity-Ref-ID: k3f9
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_b4ac95c416809a4e3e43ef3f"

--=_b4ac95c416809a4e3e43ef3f
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Your code is 123456.

The Meridian Review =E2=80=94 Prague

--=_b4ac95c416809a4e3e43ef3f
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Your code is <b>123456</b>.</p>

--=_b4ac95c416809a4e3e43ef3f--
`
	var b bytes.Buffer
	n, err := welcome().WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo = %d, %v for %d bytes", n, err, b.Len())
	}
	if got := strings.ReplaceAll(b.String(), "\r\n", "\n"); got != want {
		t.Errorf("written:\n%s\nwant:\n%s", got, want)
	}
	again, err := welcome().Bytes()
	if err != nil || !bytes.Equal(again, b.Bytes()) {
		t.Error("the same message gives other bytes")
	}
}

// read is a message as a mail program sees it.
type read struct {
	header netmail.Header
	parts  []part
}

type part struct{ kind, text string }

// reading parses a message with other code than wrote it.
func reading(t fataler, data []byte) read {
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("read message: %v\n%s", err, data)
	}
	got := read{header: m.Header}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("content type: %v\n%s", err, data)
	}
	if kind != "multipart/alternative" {
		got.parts = []part{{kind, text(t, m.Body)}}
		return got
	}
	r := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatalf("next part: %v\n%s", err, data)
		}
		kind, parameters, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if parameters["charset"] != "utf-8" || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("part with header %v", p.Header)
		}
		got.parts = append(got.parts, part{kind, text(t, p)})
	}
}

func text(t fataler, r io.Reader) string {
	data, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatalf("quoted-printable: %v", err)
	}
	return arrived(string(data))
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// arrived is a text after its journey: LF alone, and one at the end.
func arrived(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

var decoder mime.WordDecoder

func TestMessageIsRead(t *testing.T) {
	data, err := welcome().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got := reading(t, data)
	to, err := got.header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != "Žofie Nováková" || to[0].Address != "zofie@xn--pota-h6a.example" {
		t.Errorf("To is read as %v, %v", to, err)
	}
	date, err := got.header.Date()
	if err != nil || !date.Equal(when) {
		t.Errorf("Date is read as %v, %v", date, err)
	}
	want := []part{
		{"text/plain", "Your code is 123456.\n\nThe Meridian Review — Prague\n"},
		{"text/html", "<p>Your code is <b>123456</b>.</p>\n"},
	}
	// The line break before a boundary belongs to the boundary; the one the
	// writer adds to a part keeps its last line whole.
	if !slices.Equal(got.parts, want) {
		t.Errorf("parts are read as %q, want %q", got.parts, want)
	}
}

func TestPlainTextMessage(t *testing.T) {
	m := welcome()
	m.HTML = ""
	data, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := []part{{"text/plain", m.Text}}
	if got := reading(t, data); !slices.Equal(got.parts, want) {
		t.Errorf("parts are %q, want %q", got.parts, want)
	}
}

// Found by TestAnythingIsReadBack: the LF was lost.
func TestBareCarriageReturn(t *testing.T) {
	m := welcome()
	m.Text, m.HTML = "a\rÀ\nb\r\nc\r", ""
	data, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got := reading(t, data).parts; got[0].text != "a\nÀ\nb\nc\n" {
		t.Errorf("text is read as %q", got[0].text)
	}
}

func TestAutoSubmitted(t *testing.T) {
	m := welcome()
	m.Headers = []Header{{"auto-submitted", "no"}, {"List-Id", "The Daily Review <daily.journal.example>"}}
	data, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got := reading(t, data).header
	if values := got["Auto-Submitted"]; !slices.Equal(values, []string{"no"}) {
		t.Errorf("Auto-Submitted is %q, want the caller's alone", values)
	}
	if got.Get("List-Id") != "The Daily Review <daily.journal.example>" {
		t.Errorf("List-Id is %q", got.Get("List-Id"))
	}
}

func TestMessageRefuses(t *testing.T) {
	const inject = "x\r\nBcc: victim@example.org"
	for name, change := range map[string]func(*Message){
		"line break in the subject":      func(m *Message) { m.Subject = inject },
		"line feed in the subject":       func(m *Message) { m.Subject = "x\ny" },
		"null in the subject":            func(m *Message) { m.Subject = "x\x00y" },
		"subject that is no UTF-8":       func(m *Message) { m.Subject = "\xff" },
		"line break in a name":           func(m *Message) { m.To.Name = inject },
		"line break in the sender":       func(m *Message) { m.From.Name = inject },
		"line break in the reply name":   func(m *Message) { m.ReplyTo.Name = inject },
		"line break in an address":       func(m *Message) { m.To.Address = "a@b.example>\r\nBcc: <victim@example.org" },
		"two addresses":                  func(m *Message) { m.To.Address = "a@b.example, victim@example.org" },
		"no sender":                      func(m *Message) { m.From = netmail.Address{} },
		"no recipient":                   func(m *Message) { m.To.Address = "" },
		"line break in the id":           func(m *Message) { m.ID = "a@b>\r\nBcc: <victim@example.org" },
		"id without a domain":            func(m *Message) { m.ID = "a" },
		"no date":                        func(m *Message) { m.Date = time.Time{} },
		"no text":                        func(m *Message) { m.Text = " \n" },
		"text that is no UTF-8":          func(m *Message) { m.Text = "\xff" },
		"HTML that is no UTF-8":          func(m *Message) { m.HTML = "\xff" },
		"line break in a header":         func(m *Message) { m.Headers = []Header{{"X-A", inject}} },
		"line break in a header's name":  func(m *Message) { m.Headers = []Header{{"X-A: b\r\nBcc", "victim@example.org"}} },
		"colon in a header's name":       func(m *Message) { m.Headers = []Header{{"Bcc:", "victim@example.org"}} },
		"header without a name":          func(m *Message) { m.Headers = []Header{{"", "x"}} },
		"header without a value":         func(m *Message) { m.Headers = []Header{{"X-A", " "}} },
		"header that is not ASCII":       func(m *Message) { m.Headers = []Header{{"X-A", "é"}} },
		"header of the message's own":    func(m *Message) { m.Headers = []Header{{"bCC", "victim@example.org"}} },
		"header of the message's format": func(m *Message) { m.Headers = []Header{{"Content-Type", "text/html"}} },
		"header too long to fold":        func(m *Message) { m.Headers = []Header{{"X-A", strings.Repeat("x", 998)}} },
	} {
		m := welcome()
		change(&m)
		var b bytes.Buffer
		if n, err := m.WriteTo(&b); !errors.Is(err, ErrInvalid) || n != 0 || b.Len() != 0 {
			t.Errorf("%s: WriteTo = %d, %v with %q written", name, n, err, b.String())
		} else if strings.Contains(err.Error(), "victim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error repeats what was given: %v", name, err)
		}
	}
}

func TestMailbox(t *testing.T) {
	for in, want := range map[string]string{
		"Reader@Example.ORG": "Reader@example.org", "a+b@example.org": "a+b@example.org", "post@localhost": "post@localhost",
		"o'neil@bücher.example": "o'neil@xn--bcher-kva.example", "a@ПОЧТА.example": "a@xn--80a1acny.example", "a@example.org.": "a@example.org",
		"a@straße.example": "a@xn--strae-oqa.example", "a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
	} {
		if got, err := Mailbox(in); err != nil || got != want {
			t.Errorf("Mailbox(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "a", "@example.org", "a@", "a@.", "a b@example.org", "a@exa mple.org", "a@@example.org", ".a@example.org", "a..b@example.org",
		"Anna <a@example.org>", "<a@example.org>", "ä@example.org", "a@example.org\r\n", "a\r\n@example.org", "a@exa\x00mple.org",
		"a@-example.org", "a@xn--.org", "a@example..org", `"a b"@example.org`, "a@[127.0.0.1]",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("a.", 126) + "org",
	} {
		if got, err := Mailbox(in); !errors.Is(err, ErrInvalid) {
			t.Errorf("Mailbox(%q) = %q, %v; want ErrInvalid", in, got, err)
		} else if len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"Anna Müller":         "=?UTF-8?Q?Anna_M=C3=BCller?=",
		"Dr. Smith":           `"Dr. Smith"`,
		`Ann "A" \ Smith`:     `"Ann \"A\" \\ Smith"`,
		"The Review":          "The Review",
		"=?UTF-8?Q?spoofed?=": "=?UTF-8?B?PT9VVEYtOD9RP3Nwb29mZWQ/PQ==?=",
		"評論":                  "=?UTF-8?B?6KmV6KuW?=",
		" x":                  "=?UTF-8?Q?_x?=",
		"a,b@c.example":       `"a,b@c.example"`,
	} {
		if got, err := formatName(in); err != nil || got != want {
			t.Errorf("formatName(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

// Long texts are split between characters, in the shorter encoding.
func TestEncodedWords(t *testing.T) {
	for _, tc := range []struct {
		text, encoding string
		words          int
	}{
		{strings.Repeat("é", 40), "B", 3}, // 39 bytes fit a word, and é has two
		{strings.Repeat("評", 40), "B", 4},
		{strings.Repeat("😀", 20), "B", 3},
		{strings.Repeat("the old café ", 10) + "x", "Q", 4},
		{strings.Repeat("x", 61), "Q", 2}, // too long a word to stand unencoded
	} {
		got, err := formatText(tc.text)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(got)
		if len(words) != tc.words {
			t.Errorf("%q makes %d words, want %d: %s", tc.text, len(words), tc.words, got)
		}
		for _, word := range words {
			text, err := decoder.Decode(word)
			if err != nil || !utf8.ValidString(text) || !strings.HasPrefix(word, "=?UTF-8?"+tc.encoding+"?") {
				t.Errorf("word %s is read as %q, %v", word, text, err)
			}
		}
		if text, err := decoder.DecodeHeader(got); err != nil || text != tc.text {
			t.Errorf("%q is read back as %q, %v", tc.text, text, err)
		}
	}
}

var encodedWord = regexp.MustCompile(`=\?UTF-8\?[QB]\?[^?]*\?=`)

// checkLayout holds what every message must keep to.
func checkLayout(t fataler, data []byte) {
	if i := slices.IndexFunc(data, func(c byte) bool { return c >= 0x80 || c < ' ' && c != '\r' && c != '\n' && c != '\t' }); i >= 0 {
		t.Fatalf("byte %d is %#x", i, data[i])
	}
	if err := checkLines(data); err != nil {
		t.Fatalf("%v", err)
	}
	head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.TrimSpace(line) == "" {
			t.Fatalf("a line of the header is blank:\n%s", head)
		}
		if strings.Contains(line, "=?UTF-8?") && len(line) > 76 {
			t.Fatalf("a line with encoded words has %d columns:\n%s", len(line), line)
		}
	}
	for line := range strings.SplitSeq(string(body), "\r\n") {
		if len(line) > 76 {
			t.Fatalf("a line of the body has %d columns:\n%s", len(line), line)
		}
	}
	for _, word := range encodedWord.FindAll(head, -1) {
		if len(word) > 75 {
			t.Fatalf("encoded word of %d characters", len(word))
		}
	}
}

// texts that may stand in a header.
func headerText() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.Rune(), rapid.RuneFrom([]rune(` "\()<>@,;:.=?_-éñ—評論😀 abcXYZ019`)),
	)).Filter(func(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) })
}

func TestAnythingIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := welcome()
		m.Subject = headerText().Draw(t, "subject")
		m.To.Name = headerText().Draw(t, "name")
		m.Text = "x" + rapid.String().Draw(t, "text")
		m.HTML = rapid.String().Draw(t, "html")
		m.ID = rapid.StringMatching(`[a-z0-9]{1,20}@[a-z]{1,9}\.example`).Draw(t, "id")
		data, err := m.Bytes()
		if err != nil {
			t.Fatalf("write: %v", err)
		}
		checkLayout(t, data)
		got := reading(t, data)
		if subject, err := decoder.DecodeHeader(got.header.Get("Subject")); err != nil || subject != m.Subject {
			t.Fatalf("subject %q is read as %q, %v", m.Subject, subject, err)
		}
		if to, err := netmail.ParseAddress(got.header.Get("To")); err != nil || to.Name != m.To.Name {
			t.Fatalf("name %q is read as %v, %v", m.To.Name, to, err)
		}
		want := []part{{"text/plain", arrived(m.Text)}}
		if m.HTML != "" {
			want = append(want, part{"text/html", arrived(m.HTML)})
		}
		if !slices.Equal(got.parts, want) {
			t.Fatalf("parts %q are read as %q", want, got.parts)
		}
	})
}

// Header values fold anywhere between words and are read back unfolded.
func TestExtraHeadersAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[!-~]{1,90} {0,2}`), 1, 12).Draw(t, "words")
		value := strings.TrimRight(strings.Join(words, " "), " ")
		m := welcome()
		m.Headers = []Header{{"X-Value", value}}
		data, err := m.Bytes()
		if err != nil {
			t.Fatalf("write: %v", err)
		}
		checkLayout(t, data)
		head, _, _ := strings.Cut(string(data), "\r\n\r\n")
		unfolded := strings.ReplaceAll(head, "\r\n ", " ") // RFC 5322, 2.2.3
		if !strings.Contains(unfolded+"\r\n", "\r\nX-Value: "+value+"\r\n") {
			t.Fatalf("value %q is written as\n%s", value, head)
		}
	})
}

// FuzzHeaderInjection: whatever is put in, the header has the fields the
// message has, once each, and no other.
func FuzzHeaderInjection(f *testing.F) {
	f.Add("Hello", "Anna", "a@b.example", "id@x.example", "X-A", "b")
	f.Add("a\r\nBcc: v@x.example", "b\r\n\r\n<script>", "a@b.example>\r\nBcc: <v@x.example", "i@x>\r\nBcc: v", "X\r\nBcc", "y\r\nBcc: v")
	f.Add("=?UTF-8?Q?=0D=0ABcc:_v?=", "\"\r\n", "\"a\r\nBcc: v\"@b.example", "a@b", "Bcc", "v")
	f.Add(strings.Repeat("long ", 300), strings.Repeat("評", 300), "a@b", "a@b", "X", strings.Repeat("y ", 600))
	f.Fuzz(func(t *testing.T, subject, name, address, id, header, value string) {
		m := welcome()
		m.Subject, m.To, m.ID = subject, netmail.Address{Name: name, Address: address}, id
		m.From.Name, m.ReplyTo.Name = name, name
		m.Headers = []Header{{header, value}}
		data, err := m.Bytes()
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("error = %v, want ErrInvalid", err)
			}
			return
		}
		checkLayout(t, data)
		head, _, _ := strings.Cut(string(data), "\r\n\r\n")
		var fields []string
		for line := range strings.SplitSeq(head, "\r\n") {
			if line[0] != ' ' {
				name, _, _ := strings.Cut(line, ":")
				fields = append(fields, name)
			}
		}
		want := []string{"Date", "From", "Reply-To", "To", "Message-ID", "Subject", "Auto-Submitted", header, "MIME-Version", "Content-Type"}
		if strings.EqualFold(header, "Auto-Submitted") {
			want = slices.Delete(want, 6, 7)
		}
		if !slices.Equal(fields, want) {
			t.Errorf("the header has the fields %q, want %q:\n%s", fields, want, head)
		}
	})
}
