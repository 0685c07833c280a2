using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Coco.Benchmarks.Store;

/// <summary>A Redis server, spoken to by hand: a connection for each who writes, as WAIT is of its connection.</summary>
internal sealed class RedisEnd(string host, int port) : IStoreEnd
{
    private readonly ConcurrentBag<Connection> _idle = [];

    public async Task PutAsync(string key, ReadOnlyMemory<byte> value, bool isReplicated)
    {
        var connection = await TakeAsync().ConfigureAwait(false);
        byte[] set = [.. Encoding.ASCII.GetBytes($"*3\r\n$3\r\nSET\r\n${key.Length}\r\n{key}\r\n${value.Length}\r\n"), .. value.Span, .. "\r\n"u8];
        byte[] request = isReplicated ? [.. set, .. "*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$1\r\n0\r\n"u8] : set;
        await connection.SendAsync(request).ConfigureAwait(false);
        await ExpectAsync(connection, "+OK").ConfigureAwait(false);
        if (isReplicated) { await ExpectAsync(connection, ":1").ConfigureAwait(false); }
        _idle.Add(connection);
    }

    public async Task<int> CountAsync()
    {
        var connection = await TakeAsync().ConfigureAwait(false);
        await connection.SendAsync("*1\r\n$6\r\nDBSIZE\r\n"u8.ToArray()).ConfigureAwait(false);
        var answer = await connection.ReadLineAsync().ConfigureAwait(false);
        _idle.Add(connection);
        return answer is [':', .. var digits] && int.TryParse(digits, out var count) ? count : 0; // loading
    }

    private static async Task ExpectAsync(Connection connection, string expected)
    {
        if (await connection.ReadLineAsync().ConfigureAwait(false) is var answer && answer != expected) { throw new InvalidOperationException($"Redis said {answer}, not {expected}"); }
    }

    private async Task<Connection> TakeAsync()
    {
        if (_idle.TryTake(out var connection)) { return connection; }
        while (true)
        {
            var client = new TcpClient { NoDelay = true };
            try
            {
                await client.ConnectAsync(host, port).ConfigureAwait(false);
                return new(client);
            }
            catch (SocketException) // it is being started
            {
                client.Dispose();
                await Task.Delay(5).ConfigureAwait(false);
            }
        }
    }

    private sealed class Connection(TcpClient client)
    {
        private readonly StreamReader _reader = new(client.GetStream(), Encoding.ASCII, detectEncodingFromByteOrderMarks: false, bufferSize: 512);

        public ValueTask SendAsync(byte[] bytes) => client.GetStream().WriteAsync(bytes);

        public Task<string?> ReadLineAsync() => _reader.ReadLineAsync();
    }
}
