using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Coco.Transport.Tests.Endpoints;

public sealed class ConnectionStreamTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Theory, InlineData(false, 64 << 10), InlineData(true, 64 << 10), InlineData(false, 1000), InlineData(false, 1 << 20)]
    public async Task Sixty_four_megabytes_arrive_as_sent(bool inline, int chunk)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { InlineContinuations = inline });
        var (sender, receiver) = await pair.OpenStreamAsync();
        var total = chunk < 4096 ? 4 << 20 : 64 << 20;

        var sending = SendAsync(sender, total, chunk, seed: 1);
        var received = await HashAsync(receiver).WaitAsync(Patience);

        Assert.Equal(total, received.Length);
        Assert.Equal(await sending.WaitAsync(Patience), received.Hash);
    }

    [Fact]
    public async Task Pipes_carry_the_same_bytes_and_completing_the_output_ends_them()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (sender, receiver) = await pair.OpenStreamAsync();
        var data = RandomNumberGenerator.GetBytes(8 << 20);

        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < data.Length; at += 10_000) { await sender.Output.WriteAsync(data.AsMemory(at, Math.Min(10_000, data.Length - at))); }
            await sender.Output.CompleteAsync();
        });
        var received = await ReadAllAsync(receiver.Input).WaitAsync(Patience);

        await sending.WaitAsync(Patience);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(received));
    }

    [Fact]
    public async Task Both_directions_carry_at_once()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();

        var sending = new[] { SendAsync(client, 8 << 20, 64 << 10, seed: 1), SendAsync(server, 8 << 20, 64 << 10, seed: 2) };
        var (atServer, atClient) = (HashAsync(server), HashAsync(client));

        Assert.Equal(await sending[0].WaitAsync(Patience), (await atServer.WaitAsync(Patience)).Hash);
        Assert.Equal(await sending[1].WaitAsync(Patience), (await atClient.WaitAsync(Patience)).Hash);
    }

    [Fact]
    public async Task More_streams_than_the_peer_allows_at_once_get_their_turn()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var serving = Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await using var stream = await server.AcceptStreamAsync();
                await stream.CopyToAsync(stream);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            await using var stream = await client.OpenStreamAsync();
            await stream.WriteAsync(BitConverter.GetBytes(i));
            await stream.CompleteWritesAsync();
            var answer = new byte[5];
            Assert.Equal(4, await stream.ReadAtLeastAsync(answer, 5, throwOnEndOfStream: false));
            Assert.Equal(i, BitConverter.ToInt32(answer));
        })).WaitAsync(Patience);

        await serving.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_unidirectional_stream_only_sends_on_one_side_and_only_receives_on_the_other()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync(bidirectional: false);

        Assert.Equal((false, true, true, false), (client.CanRead, client.CanWrite, server.CanRead, server.CanWrite));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<NotSupportedException>(() => server.WriteAsync(new byte[1]).AsTask());
        await client.DisposeAsync();
        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task After_half_a_stream_is_closed_the_other_half_goes_on()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();

        await client.CompleteWritesAsync();
        await client.CompleteWritesAsync();

        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await server.WriteAsync(new byte[] { 7 });
        var answer = new byte[1];
        Assert.Equal(1, await client.ReadAsync(answer).AsTask().WaitAsync(Patience));
        Assert.Equal(7, answer[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WriteAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task An_aborted_stream_fails_reads_and_writes_on_both_sides_with_its_code()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var ownRead = client.ReadAsync(new byte[1]).AsTask();
        var read = server.ReadAsync(new byte[1]).AsTask();

        client.Abort(77);

        var exception = await Assert.ThrowsAsync<TransportException>(() => read.WaitAsync(Patience));
        Assert.Equal((TransportError.StreamReset, 77ul, false), (exception.Code, exception.ApplicationCode, exception.IsTransient));
        exception = await Assert.ThrowsAsync<TransportException>(() => WriteUntilItFails(server).WaitAsync(Patience));
        Assert.Equal((TransportError.StreamStopped, 77ul), (exception.Code, exception.ApplicationCode));
        exception = await Assert.ThrowsAsync<TransportException>(() => ownRead.WaitAsync(Patience));
        Assert.Equal(TransportError.ClosedHere, exception.Code);
    }

    [Fact]
    public async Task A_writer_is_held_back_while_the_peer_does_not_read()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var data = RandomNumberGenerator.GetBytes(8 << 20);

        var writing = client.WriteAsync(data).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(TimeSpan.FromMilliseconds(200)));

        var received = new byte[data.Length];
        await server.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        await writing.WaitAsync(Patience);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(received));
    }

    [Theory, InlineData(0, 10, false), InlineData(100, 10, true), InlineData(100, 100, true), InlineData(100, 101, false), InlineData(100, 0, false)]
    public async Task Who_awaited_few_bytes_goes_on_on_the_endpoints_own_thread_where_the_stream_says_so(int inlineLength, int length, bool isOnLoop)
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        (client.InlineLength, server.InlineLength) = (inlineLength, inlineLength);

        var reading = ReadAsync();
        if (length > 0) { await client.WriteAsync(new byte[length]); }
        else { await client.CompleteWritesAsync(); }

        Assert.Equal((length, isOnLoop), await reading.WaitAsync(Patience));

        async Task<(int, bool)> ReadAsync()
        {
            var read = await server.ReadAsync(new byte[1000]).ConfigureAwait(false);
            return (read, server.IsOnLoop);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_cancelled_read_has_taken_nothing(bool inline)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { InlineContinuations = inline });
        var (client, server) = await pair.OpenStreamAsync();
        for (var i = 0; i < 50; i++)
        {
            using var cancel = new CancellationTokenSource();
            var read = server.ReadAsync(new byte[10], cancel.Token).AsTask();
            await cancel.CancelAsync();
            var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience));
            Assert.Equal(cancel.Token, exception.CancellationToken);
        }

        await client.WriteAsync(new byte[] { 1, 2, 3 });

        var buffer = new byte[3];
        await server.ReadExactlyAsync(buffer).AsTask().WaitAsync(Patience);
        Assert.Equal([1, 2, 3], buffer);
    }

    [Fact]
    public async Task A_write_that_waits_can_be_cancelled_and_the_peer_sees_no_end()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var writing = client.WriteAsync(new byte[16 << 20], cancel.Token).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Patience));
        client.Abort(5);

        var exception = await Assert.ThrowsAsync<TransportException>(() => HashAsync(server).WaitAsync(Patience));
        Assert.Equal(5ul, exception.ApplicationCode);
    }

    [Fact]
    public async Task Deadlines_are_timeouts_not_cancellations()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        client.WriteTimeout = 50;
        server.ReadTimeout = 50;

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => client.WriteAsync(new byte[16 << 20]).AsTask().WaitAsync(Patience));
        Assert.Contains("50 ms", exception.Message, StringComparison.Ordinal);
        var (quiet, other) = await EndpointPair.OpenStreamAsync(server.Connection, client.Connection);
        other.ReadTimeout = 50;
        exception = await Assert.ThrowsAsync<TimeoutException>(() => other.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        Assert.Contains("50 ms", exception.Message, StringComparison.Ordinal);

        await quiet.WriteAsync(new byte[] { 9 });
        Assert.Equal(1, await other.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Waiting_for_a_stream_can_be_cancelled_and_takes_none()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with
        {
            Connection = options.Connection with { Streams = new() { MaxBidirectionalStreams = 2 } },
        });
        var (client, server) = await pair.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var accepting = server.AcceptStreamAsync(cancel.Token).AsTask();
        await using var first = await client.OpenStreamAsync();
        var opening = client.OpenStreamAsync(cancellationToken: cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.WaitAsync(Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(Patience));

        await first.WriteAsync(new byte[1]);
        await using var accepted = await server.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(first.Id, accepted.Id);
    }

    [Fact]
    public async Task Disposing_during_a_transfer_ends_both_sides()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var writing = client.WriteAsync(new byte[64 << 20]).AsTask();
        Assert.True(await server.ReadAsync(new byte[1000]).AsTask().WaitAsync(Patience) > 0);

        await client.DisposeAsync();
        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => writing.WaitAsync(Patience));
        var exception = await Assert.ThrowsAsync<TransportException>(() => HashAsync(server).WaitAsync(Patience));
        Assert.Equal(TransportError.StreamReset, exception.Code);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ReadAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Disposing_the_endpoint_during_a_transfer_fails_what_is_under_way()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var writing = client.WriteAsync(new byte[64 << 20]).AsTask();
        var reading = client.ReadAsync(new byte[1]).AsTask();

        await pair.Client.DisposeAsync().AsTask().WaitAsync(Patience);

        Assert.Equal(TransportError.ClosedHere, (await Assert.ThrowsAsync<TransportException>(() => writing.WaitAsync(Patience))).Code);
        Assert.Equal(TransportError.ClosedHere, (await Assert.ThrowsAsync<TransportException>(() => reading.WaitAsync(Patience))).Code);
        Assert.Equal(TransportError.ClosedByPeer, (await Assert.ThrowsAsync<TransportException>(() => HashAsync(server).WaitAsync(Patience))).Code);
    }

    [Fact]
    public async Task What_was_completed_before_closing_arrives_and_can_be_read_after_it()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var data = RandomNumberGenerator.GetBytes(600_000);
        await client.WriteAsync(data);
        await client.DisposeAsync();

        await client.Connection.CloseAsync().WaitAsync(Patience);
        await server.Connection.Closed.WaitAsync(Patience);

        var received = new byte[data.Length + 1];
        Assert.Equal(data.Length, await server.ReadAtLeastAsync(received, received.Length, throwOnEndOfStream: false).AsTask().WaitAsync(Patience));
        Assert.Equal(data, received[..^1]);
    }

    [Fact]
    public async Task A_finished_stream_that_is_disposed_later_does_not_hold_up_closing()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { CloseTimeout = TimeSpan.FromMinutes(1) });
        var (client, server) = await pair.OpenStreamAsync();
        await client.CompleteWritesAsync();
        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await server.WriteAsync(new byte[1]);
        Assert.Equal(1, await client.ReadAsync(new byte[10]).AsTask().WaitAsync(Patience)); // its acknowledgement of the end came before

        await client.DisposeAsync();

        await client.Connection.CloseAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Disposing_a_stream_of_a_lost_connection_throws_nothing()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        client.Output.GetMemory(1);
        client.Output.Advance(1);
        await server.Connection.CloseAsync(1);
        await client.Connection.Closed.WaitAsync(Patience);

        await client.DisposeAsync().AsTask().WaitAsync(Patience);

        Assert.False(client.CanWrite);
    }

    [Fact]
    public async Task A_second_read_at_once_is_refused()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var read = server.ReadAsync(new byte[1]).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.ReadAsync(new byte[1]).AsTask());

        await client.WriteAsync(new byte[1]);
        Assert.Equal(1, await read.WaitAsync(Patience));
    }

    [Fact]
    public async Task Blocking_reads_and_writes_work_from_threads_of_the_application()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var echo = Task.Run(() =>
        {
            var buffer = new byte[100];
            server.Write(buffer, 0, server.Read(buffer, 0, 100));
        });

        client.Write([1, 2, 3], 0, 3);
        var answer = new byte[3];
        client.ReadExactly(answer);

        Assert.Equal([1, 2, 3], answer);
        await echo.WaitAsync(Patience);
    }

    private static async Task<byte[]> SendAsync(ConnectionStream stream, int total, int chunk, int seed)
    {
        await Task.Yield();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new Random(seed);
        var buffer = new byte[chunk];
        for (var sent = 0; sent < total; sent += buffer.Length)
        {
            if (total - sent < buffer.Length) { buffer = new byte[total - sent]; }
            random.NextBytes(buffer);
            hash.AppendData(buffer);
            await stream.WriteAsync(buffer);
        }
        await stream.CompleteWritesAsync();
        return hash.GetHashAndReset();
    }

    private static async Task<(long Length, byte[] Hash)> HashAsync(ConnectionStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 << 10];
        var length = 0L;
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            length += read;
        }
        return (length, hash.GetHashAndReset());
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync();
            if (result.IsCompleted)
            {
                var all = result.Buffer.ToArray();
                await reader.CompleteAsync();
                return all;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async Task WriteUntilItFails(ConnectionStream stream)
    {
        while (true) { await stream.WriteAsync(new byte[1000]); }
    }
}
