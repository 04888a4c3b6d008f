package engine_test

import (
	"os"
	"testing"

	"github.com/mihusync/mihusync/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
