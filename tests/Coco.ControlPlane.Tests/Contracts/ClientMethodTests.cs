using System.Net;
using System.Reflection;
using System.Text.Json;
using Coco.Cluster;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>The typed client has a method for each operation of the document, and each sends what its name says.</summary>
public sealed class ClientMethodTests
{
    // Where the name of the operation says less than what the method takes.
    private static readonly Dictionary<string, string> Otherwise = new(StringComparer.Ordinal) { ["createJoinRequest"] = nameof(ControlPlaneClient.AskToJoinAsync) };

    // Made of several operations.
    private static readonly string[] Compositions = [nameof(ControlPlaneClient.RegisterAsync), nameof(ControlPlaneClient.AnswerAsync), nameof(ControlPlaneClient.WaitForAdmissionAsync)];

    private static readonly MethodInfo[] Methods =
        [.. typeof(ControlPlaneClient).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(static method => !method.IsSpecialName)];

    [Fact]
    public async Task Each_operation_has_a_method_and_each_method_an_operation()
    {
        await using var plane = await TestPlane.StartAsync();
        using var document = JsonDocument.Parse(await plane.Http.GetStringAsync("/openapi/v1.json"));
        var operations = document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject()).Select(static one => one.Value.GetProperty("operationId").GetString()!);

        Assert.Equal(
            operations.Select(MethodOf).Order(StringComparer.Ordinal),
            Methods.Select(static method => method.Name).Except(Compositions).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_method_sends_the_operation_that_it_is_named_after()
    {
        await using var plane = await TestPlane.StartAsync();
        var contract = new Contract(await plane.Http.GetStringAsync("/openapi/v1.json"));
        using var sink = new Sink(plane.Time.GetUtcNow());
        using var http = new HttpClient(sink) { BaseAddress = new("https://control.example") };
        var client = new ControlPlaneClient(http, static _ => new("token"));

        foreach (var method in Methods.Where(static method => !Compositions.Contains(method.Name)))
        {
            sink.AnswersChallenges = method.Name == nameof(ControlPlaneClient.LinkUserAsync); // whose proof answers one
            var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => (Task)method.Invoke(client, [.. method.GetParameters().Select(static parameter => Make(parameter.ParameterType))])!);

            Assert.Equal(ControlPlaneError.NotFound, refused.Code);
            Assert.Equal(method.Name, MethodOf(contract.NameOf(sink.Method, sink.Path) ?? $"{sink.Method} {sink.Path}"));
        }
    }

    private static string MethodOf(string operation) => Otherwise.TryGetValue(operation, out var method) ? method : char.ToUpperInvariant(operation[0]) + operation[1..] + "Async";

    // Something of any type that the methods take: texts are "x", lists are empty.
    private static object? Make(Type type)
    {
        if (type == typeof(string)) { return "x"; }
        if (type == typeof(IdentityKey)) { return IdentityKey.Generate(); }
        if (type == typeof(JoinLink)) { return LinkOf(); }
        if (type.IsValueType) { return Activator.CreateInstance(type); }
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) { return Array.CreateInstance(type.GetGenericArguments()[0], 0); }
        var constructor = type.GetConstructors().MaxBy(static one => one.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(static parameter => Make(parameter.ParameterType))]);
    }

    private static JoinLink LinkOf()
    {
        using var key = IdentityKey.Generate();
        var ticket = new Cluster.Invitations.Ticket(new NetworkId(key.Id), Cluster.Invitations.TicketSecret.Generate(RandomSource.System), new(Cluster.Membership.Role.Guest, default, 1), [new(key.Id, [], [])]);
        return JoinLink.Make(new("https://control.example/join/x"), "x", ticket);
    }

    // Has nothing that is asked for, but challenges for whom it is told to.
    private sealed class Sink(DateTimeOffset now) : HttpMessageHandler
    {
        public bool AnswersChallenges { get; set; }

        public string Method { get; private set; } = "";

        public string Path { get; private set; } = "";

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Method, Path) = (request.Method.Method, request.RequestUri!.AbsolutePath);
            object answer = AnswersChallenges && Path == "/v1/challenges" ? new ChallengeView("challenge", "subject", now) : new Client.Contracts.Problem(Problems.TypeOf(ControlPlaneError.NotFound), "Not found", 404, "There is nothing.", "x");
            return Task.FromResult(new HttpResponseMessage(answer is ChallengeView ? HttpStatusCode.Created : HttpStatusCode.NotFound)
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), ApiJson.Options)),
            });
        }
    }
}
