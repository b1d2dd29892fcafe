package bounce

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// fixtures are real bounces with what is to be found in them, which stand beside the project and are not part of it.
const fixtures = "../../../../shared/fixtures/bounces"

type expected struct {
	File    string
	Records []struct {
		Index     int
		Status    string
		ReplyCode string `json:"reply_code"`
		Reason    string
		Hard      bool `json:"hard_bounce"`
		Extra     string
	}
}

func expectations(t *testing.T) []expected {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(fixtures, "expected.json"))
	if os.IsNotExist(err) {
		t.Skip("the bounces beside the project are not there")
	}
	var all struct{ Files []expected }
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil || len(all.Files) == 0 {
		t.Fatalf("%d files, %v", len(all.Files), err)
	}
	return all.Files
}

// The share of lasting failures that is found, of others that is taken for one, and of complaints, over real bounces.
func TestFixtures(t *testing.T) {
	var s score
	for _, want := range expectations(t) {
		raw, err := os.ReadFile(filepath.Join(fixtures, want.File))
		if err != nil {
			t.Fatal(err)
		}
		s.add(t, want, Parse(raw))
	}
	t.Logf("hard %d of %d found; %d of %d others called hard; complaints %d of %d; codes %d of %d", s.found, s.hard, s.wrong, s.others,
		s.complained, s.complaints, s.codes, s.hard+s.others)
	if s.hard < 100 || s.others < 200 || s.complaints < 1 {
		t.Fatalf("too few bounces: %+v", s)
	}
	if s.found*100 < s.hard*98 || s.wrong*100 > s.others*2 || s.complained < s.complaints {
		t.Errorf("below 98 %%, above 2 %%, or a complaint missed: %+v", s)
	}
}

type score struct{ hard, found, others, wrong, complaints, complained, codes int }

func (s *score) add(t *testing.T, want expected, have Report) {
	t.Helper()
	for i, w := range want.Records {
		var r Record
		if i < len(have.Records) {
			r = have.Records[i]
		}
		if w.Status != "" && r.Status != "" && w.Status[0] == r.Status[0] {
			s.codes++
		}
		switch {
		case w.Reason == "feedback":
			s.complaints++
			if r.Kind == Complaint {
				s.complained++
			}
		case w.Hard:
			s.hard++
			if r.Hard {
				s.found++
			}
		default:
			s.others++
			if r.Hard {
				s.wrong++
			}
		}
		if (w.Hard != r.Hard) || testing.Verbose() && os.Getenv("BOUNCES_SHOW") == w.Reason {
			t.Logf("%s %d: want %s %s %s %v, have %q %s %s %v at %q: %.150s", want.File, i, w.Reason, w.Status, w.ReplyCode, w.Hard, r.Kind, r.Status, r.ReplyCode, r.Hard, r.Stage, r.Diagnostic)
		}
	}
}
