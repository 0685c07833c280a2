namespace Coco.Cli.Tests;

/// <summary>Tells when a line with some words was printed.</summary>
internal sealed class LineWatch(string awaited) : TextWriter
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly System.Text.StringBuilder _text = new();

    public Task Seen => _seen.Task;

    public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

    public override void Write(char value)
    {
        _text.Append(value);
        if (value == '\n' && _text.ToString().Contains(awaited, StringComparison.Ordinal)) { _seen.TrySetResult(); }
    }
}
