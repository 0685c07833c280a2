using System.Collections.Concurrent;
using System.Diagnostics;
using Coco.Crypto;
using Coco.Transport;

namespace Coco.Lab.Endpoints;

/// <summary>Sends back what comes on streams, and remembers who called and when a caller's first byte came.</summary>
internal sealed class EchoService : IAsyncDisposable
{
    private readonly Endpoint _endpoint;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<NodeId, Caller> _callers = new();
    private readonly Task _serving;

    public EchoService(Endpoint endpoint)
    {
        _endpoint = endpoint;
        _serving = ServeAsync();
    }

    /// <summary>The newest connection of a caller.</summary>
    public Task<Connection> ConnectionOf(NodeId caller) => CallerOf(caller).Connection.Task;

    /// <summary>When a caller's first byte came, as a time stamp of <see cref="Stopwatch"/>.</summary>
    public Task<long> FirstByteOf(NodeId caller) => CallerOf(caller).FirstByte.Task;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _stopping.Dispose();
    }

    private Caller CallerOf(NodeId id) => _callers.GetOrAdd(id, static _ => new());

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await _endpoint.AcceptAsync(_stopping.Token);
                CallerOf(connection.PeerId).Connection.TrySetResult(connection);
                connections.Add(ServeAsync(connection));
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        var streams = new List<Task>();
        try
        {
            while (true) { streams.Add(EchoAsync(connection, await connection.AcceptStreamAsync(_stopping.Token))); }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            await Task.WhenAll(streams);
        }
    }

    private async Task EchoAsync(Connection connection, ConnectionStream stream)
    {
        var buffer = new byte[32 << 10];
        try
        {
            await using (stream)
            {
                while (await stream.ReadAsync(buffer, _stopping.Token) is var count and > 0)
                {
                    CallerOf(connection.PeerId).FirstByte.TrySetResult(Stopwatch.GetTimestamp());
                    await stream.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
                }
                await stream.CompleteWritesAsync(_stopping.Token);
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The caller hears of it as the end of its stream.
        }
    }

    private static bool IsEnd(Exception exception) => exception is OperationCanceledException or ObjectDisposedException or IOException;

    private sealed class Caller
    {
        public TaskCompletionSource<Connection> Connection { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<long> FirstByte { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
