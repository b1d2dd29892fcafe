package lighthouse

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const report = `{
		"categories": {
			"seo": {"score": 0.917, "auditRefs": [
				{"id": "meta-description", "weight": 1},
				{"id": "document-title", "weight": 1},
				{"id": "structured-data", "weight": 0},
				{"id": "hreflang", "weight": 1}]},
			"performance": {"score": 1, "auditRefs": []}},
		"audits": {
			"meta-description": {"title": "Document does not have a meta description", "score": 0, "displayValue": "0 found"},
			"document-title": {"title": "Document has a title", "score": 1},
			"structured-data": {"title": "Structured data is valid", "score": 0},
			"hreflang": {"title": "Document has a valid hreflang", "score": null},
			"cumulative-layout-shift": {"title": "CLS", "score": 1, "numericValue": 0.0125},
			"largest-contentful-paint": {"title": "LCP", "score": 1, "numericValue": 812.5}}}`
	got, err := parse([]byte(report))
	if err != nil {
		t.Fatal(err)
	}
	want := Report{
		Scores: map[string]int{SEO: 92, Performance: 100},
		Short:  []Audit{{"meta-description", "Document does not have a meta description", "0 found", 0}},
		CLS:    0.0125,
		LCP:    812.5,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("parse:\n got %+v\nwant %+v", got, want)
	}
	if s := got.Short[0].String(); s != "meta-description (0.00): Document does not have a meta description 0 found" {
		t.Errorf("audit reads %q", s)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ report, want string }{
		"a page that did not load": {`{"runtimeError": {"code": "ERRORED_DOCUMENT_REQUEST", "message": "status 404"}}`, "ERRORED_DOCUMENT_REQUEST: status 404"},
		"a category with no score": {`{"categories": {"seo": {"score": null}}}`, "no score for seo"},
		"what is not a report":     {`npm warn`, "read the report"},
	} {
		if _, err := parse([]byte(c.report)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
