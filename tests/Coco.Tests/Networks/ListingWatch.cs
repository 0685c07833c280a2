using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Networks;

/// <summary>Sees from what a core node logs whom it has listed in the directory.</summary>
internal sealed class ListingWatch : ILoggerFactory, ILogger
{
    private const int Listed = 1346;

    private readonly Lock _lock = new(); // guards the two below
    private readonly HashSet<NodeId> _listed = [];
    private readonly List<(NodeId Node, TaskCompletionSource Told)> _waiting = [];

    public Task ListedAsync(NodeId node)
    {
        lock (_lock)
        {
            if (_listed.Contains(node)) { return Task.CompletedTask; }
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((node, told));
            return told.Task;
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id != Listed || state is not IReadOnlyList<KeyValuePair<string, object?>> values || values[0].Value is not NodeId node) { return; }
        lock (_lock)
        {
            _listed.Add(node);
            foreach (var (_, told) in _waiting.Where(waiting => waiting.Node == node)) { told.TrySetResult(); }
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Nothing is held.
    }
}
