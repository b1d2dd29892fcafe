package transfer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func keysOf(line string) (map[string]string, error) {
	got := map[string]string{}
	err := eachKey([]byte(line), func(key string, value []byte) error {
		got[key] = string(value)
		return nil
	})
	return got, err
}

func TestEachKey(t *testing.T) {
	for line, want := range map[string]map[string]string{
		`{}`:                                   {},
		` { } `:                                {},
		`{"a":1}`:                              {"a": "1"},
		`{"a" : "b" , "c":[1,{"d":"}"}] }`:     {"a": `"b"`, "c": `[1,{"d":"}"}]`},
		`{"a":"\"}\\","b":null}`:               {"a": `"\"}\\"`, "b": "null"},
		`{"\u0061":true,"a\"":-1.5e3}`:         {"a": "true", `a"`: "-1.5e3"},
		"\t{\"a\":\r\n[ ],\"b\":{}}\n":         {"a": "[ ]", "b": "{}"},
		`{"a":1,"a":2}`:                        {"a": "2"},
		`{"deep":[[[[{"x":[]}]]]],"s":"[{\\"}`: {"deep": `[[[[{"x":[]}]]]]`, "s": `"[{\\"`},
	} {
		got, err := keysOf(line)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", line, got, err, want)
		}
	}
}

func TestEachKeyRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                "not a JSON object",
		`[1]`:             "not a JSON object",
		`"a"`:             "not a JSON object",
		`{`:               "not a JSON object",
		`{a:1}`:           "not a JSON object",
		`{"a"}`:           `a colon is missing after the key "a"`,
		`{"a":}`:          `the value of "a": it is missing`,
		`{"a":`:           `the value of "a": it is cut off`,
		`{"a":"b`:         `the value of "a": it is cut off`,
		`{"a":"b\"}`:      `the value of "a": it is cut off`,
		`{"a":[1,2}`:      "the line ends before the object does",
		`{"a":"b"`:        "the line ends before the object does",
		`{"a":"b" "c":1}`: `a comma is missing after "a"`,
		`{"a":1} {"b":2}`: "something follows the object",
		`{"a":1,}`:        "not a JSON object",
		`{"\x":1}`:        "not JSON",
		`{}x`:             "something follows the object",
	} {
		if _, err := keysOf(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

// FuzzEachKey compares with encoding/json.
func FuzzEachKey(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"\"","c":[{}]}`, `{"a":"\\","b":{"c":"}"}}`, `{"a":1`, `{"a":tru}`, `{"a":1}x`, " {\n} "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal([]byte(line), &want) == nil && want != nil
		got := map[string]json.RawMessage{}
		err := eachKey([]byte(line), func(key string, value []byte) error {
			if !json.Valid(value) {
				return fmt.Errorf("%q is no value", value)
			}
			got[key] = slices.Clone(value)
			return nil
		})
		if valid != (err == nil) {
			t.Fatalf("%q: %v, encoding/json says %v", line, err, valid)
		}
		if valid && !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("%q: %q, want %q", line, got, want)
		}
	})
}

func TestText(t *testing.T) {
	for _, raw := range []string{`""`, `"a"`, `"a\nb\"c\\d\/e\b\f\r\t"`, `"\u00e9\u4e1c"`, `"\ud83d\ude00x"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\ud83dx"`,
		`"\ude00\ud83d"`, `"é東😀"`, `"\u0000"`, `"\\u0041"`, `"\\\\"`, `null`} {
		var want string
		if err := json.Unmarshal([]byte(raw), &want); err != nil {
			t.Fatal(err)
		}
		if got, err := text([]byte(raw)); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{``, `"`, `"a`, `a"`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"a\nb\"", `1`, `{}`, `"\`, `"\ud83d\u12"`} {
		if got, err := text([]byte(raw)); err == nil {
			t.Errorf("%s: %q", raw, got)
		}
	}
}

// FuzzText compares with encoding/json.
func FuzzText(f *testing.F) {
	for _, s := range []string{`"a\nb"`, `"\u00e9\ud83d\ude00\ud83d\u0041"`, `"\\\""`, "\"\xff\"", `"\ud83d\\u0041"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		value, rest, err := cutValue(raw)
		if err != nil || len(rest) > 0 || value[0] != '"' {
			return // eachKey hands over nothing else
		}
		var want string
		wrong := json.Unmarshal(raw, &want)
		if got, err := text(raw); (err == nil) != (wrong == nil) || got != want {
			t.Fatalf("%q: %q, %v, want %q, %v", raw, got, err, want, wrong)
		}
	})
}
