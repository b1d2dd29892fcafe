package cli

import (
	"bytes"
	"testing"

	"github.com/gatefold/gatefold/internal/insights"
)

func TestQueriesAreLines(t *testing.T) {
	var out bytes.Buffer
	p := Process{Stdout: &out}
	for heading, list := range map[string][]insights.Query{"Searched for most": {{Text: "grain trade", Times: 12, Total: 3}, {Text: "suez", Times: 4, Total: 1}}, "Found nothing": nil} {
		if err := p.queries(heading, list); err != nil {
			t.Fatal(err)
		}
	}
	if want := "Searched for most\n12\t3\tgrain trade\n4\t1\tsuez\n"; out.String() != want {
		t.Errorf("written:\n%s\nwant:\n%s", out.String(), want)
	}
}
