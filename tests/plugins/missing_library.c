/* Linked against, then not found under the name it gives itself. */
int missing_library_function(void);
int missing_library_function(void)
{
    return 0;
}
