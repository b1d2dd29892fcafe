//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLettersAreValid has the Nu HTML checker read a copy of each newsletter, as a subscriber gets it and as a guest does.
func TestLettersAreValid(t *testing.T) {
	d := startDemo(t)
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	letters := map[string]string{}
	for edition := range 4 {
		for _, reader := range []string{"subscriber@example.org", "reader@example.org"} {
			file := filepath.Join(t.TempDir(), "letter.html")
			args := []string{"newsletter", "preview", fmt.Sprint(edition + 1), "--as", reader, "--out", file, "--dir", d.dir}
			if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			letter, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			letters[fmt.Sprintf("edition %d to %s", edition+1, reader)] = string(letter)
		}
	}
	validHTML(t, letters)
}
