using System.Net;
using Coco.Cluster.Certificates;
using Coco.Cluster.News;
using Coco.Cluster.Time;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Coco.Transport.Endpoint;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>Questions to the relay's key that run into something, on either engine.</summary>
public abstract class RelayQuestionTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private readonly CancellationTokenSource _patience = new(RelayScene.Patience);

    public override async ValueTask DisposeAsync()
    {
        _patience.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings) => settings with { Relaying = settings.Relaying with { Listen = ["127.0.0.1:0"], DrainTime = TimeSpan.Zero } };

    [Fact]
    public async Task One_that_runs_into_a_fault_is_logged_and_the_next_is_answered()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var question = await QuestionAsync(developer);
        // A table that somebody has changed: nothing that a question may run into is expected less.
        await Plane.Database.WriteAsync(static session => session.ExecuteAsync($"UPDATE network_statements SET id = {"x"}, statement = {new byte[] { 1, 2, 3 }}"), default);
        using var key = IdentityKey.Generate();
        await using var caller = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)] });

        Assert.Equal(0, await AnswerAsync(caller, PlaneNews.Question(question, [], [question])));
        while (!Plane.Log.Lines.Any(static line => line.Contains(" 1708 ", StringComparison.Ordinal))) { await Task.Delay(10, _patience.Token); } // the stream ends before it is said why
        Assert.Equal(LiveTime.AnswerSize, await AnswerAsync(caller, LiveTime.Question(new(key.Id), new byte[LiveTime.NonceSize])));
    }

    [Fact]
    public async Task A_network_that_goes_between_two_looks_at_it_is_not_here()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var question = await QuestionAsync(developer);
        await Plane.Database.WriteAsync(static session => session.ExecuteAsync($"DELETE FROM network_statements"), default);

        var (outcome, _) = await Plane.Host.Services.GetRequiredService<NewsDesk>().AskAsync(new(question, [], [(question.Node, question.Id)]), question.Node, _patience.Token);

        Assert.Equal(PlaneOutcome.NotHere, outcome);
    }

    private async Task<NodeCertificate> QuestionAsync(Developer developer)
    {
        var fleet = await developer.FoundAsync();
        var node = await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", user: developer.Key), cancellationToken: _patience.Token);
        return NodeCertificate.Read(System.Buffers.Text.Base64Url.DecodeFromChars(node.Node.Certificate))!;
    }

    // How many bytes come back.
    private async Task<int> AnswerAsync(Endpoint caller, byte[] question)
    {
        var relay = Plane.Host.Services.GetRequiredService<RelayInstance>().Info!;
        await using var connection = await caller.ConnectAsync(relay.Id, new() { Addresses = [.. relay.Addresses.Select(static address => address.ToIPEndPoint())] }, _patience.Token);
        await using var stream = await connection.OpenStreamAsync(cancellationToken: _patience.Token);
        try
        {
            await stream.WriteAsync(question, _patience.Token);
            await stream.CompleteWritesAsync(_patience.Token);
            return await stream.ReadAtLeastAsync(new byte[LiveTime.AnswerSize], LiveTime.AnswerSize, throwOnEndOfStream: false, _patience.Token);
        }
        catch (TransportException)
        {
            return 0; // the relay closed the connection
        }
    }
}
