using System.Net;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>How often may be asked by whom one cannot know.</summary>
public sealed class RateTests
{
    [Fact]
    public async Task Tokens_that_nobody_has_are_looked_for_as_often_as_an_address_may_ask_without_one()
    {
        await using var plane = await TestPlane.StartAsync(change: static settings => settings with { Rates = settings.Rates with { AnonymousPerSecond = 1 } });
        var (_, known) = await plane.CreateAccountAsync();
        var (_, other) = await plane.CreateAccountAsync();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(known)).StatusCode);

        // At once, so that all are under way before the first is known to be none.
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync("coco_st_" + number)));
        using var next = await AskAsync("coco_st_x");
        using var newcomer = await AskAsync(other);
        using var going = await AskAsync(known);

        Assert.All(answers, static answer => Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [next.StatusCode, newcomer.StatusCode, going.StatusCode]);
        Assert.True(next.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        async Task<HttpResponseMessage> AskAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
            request.Headers.Authorization = new("Bearer", token);
            return await plane.Http.SendAsync(request);
        }
    }

    [Fact]
    public void What_an_address_owes_is_paid_by_time_and_is_no_matter_of_others()
    {
        var time = new Clock();
        var guesses = new TokenGuesses(new() { Rates = new() { AnonymousPerSecond = 2 } }, time);
        for (var i = 0; i < 30; i++) { guesses.Failed("one", "x"); } // 30 at once, of which 10 are free

        Assert.Equal(10.5, guesses.WaitOf("one", "y")!.Value.TotalSeconds, 3);
        Assert.Null(guesses.WaitOf("other", "y"));
        time.Now += TimeSpan.FromSeconds(10.5);
        Assert.Null(guesses.WaitOf("one", "y"));
        guesses.Failed("one", "y");
        Assert.NotNull(guesses.WaitOf("one", "y"));
        guesses.Held("good");
        Assert.Null(guesses.WaitOf("one", "good"));
        guesses.Failed("one", "good"); // taken back since
        Assert.NotNull(guesses.WaitOf("one", "good"));
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    public async Task What_is_no_operation_is_limited_by_address_too(string path)
    {
        await using var plane = await TestPlane.StartAsync(change: static settings => settings with { Rates = settings.Rates with { AnonymousPerSecond = 1 } });

        var codes = new List<HttpStatusCode>();
        while (codes.Count < 100 && !codes.Contains(HttpStatusCode.TooManyRequests))
        {
            using var answer = await plane.Http.GetAsync(path);
            codes.Add(answer.StatusCode);
        }
        using var service = await plane.Http.GetAsync("/v1/service");

        Assert.Contains(HttpStatusCode.OK, codes);
        Assert.Contains(HttpStatusCode.TooManyRequests, codes);
        Assert.Equal(HttpStatusCode.OK, service.StatusCode); // which has a rate of its own
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
