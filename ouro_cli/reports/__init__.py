"""What became of runs, as files that other programs read: JUnit, Markdown and HAR."""
