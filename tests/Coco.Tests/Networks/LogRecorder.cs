using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Networks;

/// <summary>Keeps what nodes log, whoever logs it.</summary>
internal sealed class LogRecorder : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Message)> _lines = new();

    public int Count(int id, string part) => _lines.Count(line => line.Id == id && line.Message.Contains(part, StringComparison.Ordinal));

    public void AssertSays(int id, string part) =>
        Assert.True(Count(id, part) > 0, $"no {id} with \"{part}\" among {string.Join("; ", _lines.Where(static line => line.Id is >= 1300 and < 1500).TakeLast(20))}");

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
    }
}
