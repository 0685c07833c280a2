using Microsoft.Extensions.Logging;

namespace Coco.Cluster.Tests;

/// <summary>Keeps what is logged, so that a test can ask for the reason of a refusal.</summary>
internal sealed class LogRecorder : ILogger
{
    private readonly List<(int Id, string Message)> _lines = [];

    public int Count(int id, string part = "") => _lines.Count(line => line.Id == id && line.Message.Contains(part, StringComparison.Ordinal));

    public void AssertSays(int id, string part) =>
        Assert.True(Count(id, part) > 0, $"no {id} with \"{part}\" among {string.Join("; ", _lines.TakeLast(10))}");

    public void Clear() => _lines.Clear();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add((eventId.Id, formatter(state, exception)));
}
