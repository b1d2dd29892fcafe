package storage

import (
	"fmt"
	"strings"
	"testing"
)

// Migrations are numbered without a gap: one that filled it later would be out of order for every database there is,
// and no journal would start.
func TestMigrationsHaveNoGap(t *testing.T) {
	files, err := migrations.ReadDir("migrations")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for i, f := range files {
		if want := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(f.Name(), want) {
			t.Errorf("%s stands where one of %s is expected", f.Name(), want)
		}
	}
}
