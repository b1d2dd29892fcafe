package billing

import (
	"encoding/json"
	"testing"

	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

var (
	_ readers.Exporter = (*Billing)(nil)
	_ readers.Eraser   = (*Billing)(nil)
)

func (d *desk) export(t *testing.T, reader int64) string {
	t.Helper()
	name, part, err := d.ExportReader(t.Context(), reader)
	if err != nil || name != "subscriptions" {
		t.Fatalf("part %q, %v", name, err)
	}
	b, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReadersTakeTheirSubscriptionsWithThem(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.grant(t, 1, noon.AddDate(0, 1, 0), "jury")
		d.grant(t, 2, noon.AddDate(0, 1, 0), "jury")
		want := `[{"plan":"all-access","source":"complimentary","starts":"2026-11-23T12:00:00Z","ends":"2026-12-23T12:00:00Z","reason":"jury"}]`
		if have := d.export(t, 1); have != want {
			t.Errorf("exported %s\nwant %s", have, want)
		}
		err := d.db.Write(t.Context(), func(tx *storage.DB) error { return d.EraseReader(t.Context(), tx, 1) })
		if err != nil {
			t.Fatal(err)
		}
		if have := d.export(t, 1); have != "[]" {
			t.Errorf("kept of an erased reader: %s", have)
		}
		if have := d.export(t, 2); have != want {
			t.Errorf("another reader's became %s", have)
		}
	})
}
