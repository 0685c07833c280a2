using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Pages;

/// <summary>Shows pages with forms and takes what is posted, all in one way: guarded, and with what is wrong shown above the form.</summary>
internal sealed class FormPages(FormGuard guard)
{
    public const string Stale = "This form is too old, or was not made for this browser. Try again.";

    public void Map(IEndpointRouteBuilder endpoints, FormPage page)
    {
        var door = new Door("page " + page.Path, page.TakesCredentials);
        endpoints.MapGet(page.Path, context => ShowAsync(context, page, FormValues.OfQuery(context), alert: null)).WithMetadata(door);
        endpoints.MapPost(page.Path, context => PostAsync(context, page, page.Path, page.SubmitAsync)).WithMetadata(door);
    }

    /// <summary>Takes what another form of the same page posts.</summary>
    /// <param name="endpoints">Where pages are.</param>
    /// <param name="page">The page, which shows what is wrong.</param>
    /// <param name="path">Where the form posts, which is also what its guard is for.</param>
    /// <param name="submitAsync">As the page's own.</param>
    public void MapOther(IEndpointRouteBuilder endpoints, FormPage page, string path, Func<HttpContext, FormValues, Task<string?>> submitAsync) =>
        endpoints.MapPost(path, context => PostAsync(context, page, path, submitAsync)).WithMetadata(new Door("page " + path, page.TakesCredentials));

    /// <summary>The form that was posted; null where the request is none of a form.</summary>
    public static async Task<IFormCollection?> ReadAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        }
        catch (InvalidDataException)
        {
            return null; // more or longer fields than any form of ours has
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            return null; // parts that end before they should (RFC 2046 §5.1.1)
        }
    }

    private async Task PostAsync(HttpContext context, FormPage page, string path, Func<HttpContext, FormValues, Task<string?>> submitAsync)
    {
        if (await ReadAsync(context) is not { } form)
        {
            await Page.WriteErrorAsync(context, "This is no form.", 400);
            return;
        }
        var values = FormValues.OfForm(form);
        if (!guard.IsOurs(context, form, path))
        {
            await ShowAsync(context, page, values, Stale, 400);
            return;
        }
        try
        {
            if (await submitAsync(context, values) is { } wrong) { await ShowAsync(context, page, values, wrong, 400); }
        }
        catch (ApiException exception)
        {
            await ShowAsync(context, page, values, exception.Message, Problems.StatusOf(exception.Code));
        }
    }

    private Task ShowAsync(HttpContext context, FormPage page, FormValues values, string? alert, int status = 200)
    {
        var field = guard.FieldFor(context, page.Path);
        return Page.WriteAsync(
            context,
            page.Title,
            $"""{Page.Alert(alert)}<form method="post" action="{page.Path}">{field}{page.Fields(values)}<button>{page.Button}</button></form>{page.After(context, values)}""",
            status,
            page.LeadsTo(values),
            page.IsScripted);
    }
}
